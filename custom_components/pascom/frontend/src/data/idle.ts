/** Whether somebody sits here: by the whole device where the browser may say so, else by touches of any page of it. */

export interface Detector {
  readonly userState: string | null;
  readonly screenState: string | null;
}

export interface Surroundings {
  now(): number;
  /** Milliseconds when any page of this browser was touched last; what is written here, others read. */
  touched: { read(): number; write(at: number): void };
  /** Minutes after which one counts as away, 0 for never. */
  after(): number;
  /** A call keeps somebody here, whatever their hands do. */
  talks(): boolean;
  tell(idle: boolean): void;
}

/** Touches are written no oftener than this. */
const SELDOM = 5000;
/** What browsers allow at least as the time until they call somebody idle. */
export const LEAST_MS = 60_000;

export class Presence {
  idle = false;
  private detector: Detector | null = null;
  private seen: number;

  constructor(private readonly parts: Surroundings) {
    this.seen = parts.now();
  }

  /** The browser says from now on whether the device is used. */
  detects(detector: Detector | null): void {
    this.detector = detector;
    this.look();
  }

  touch(): void {
    const now = this.parts.now();
    const seldom = now - this.seen < SELDOM;
    if (!seldom) this.seen = now;
    if (!seldom) this.parts.touched.write(now);
    if (this.idle) this.look();
  }

  /** Called now and then, and whenever the detector has something new. */
  look(): void {
    const idle = this.judge();
    if (idle === this.idle) return;
    this.idle = idle;
    this.parts.tell(idle);
  }

  /** The connection is new: who listens there thinks that somebody is here. */
  again(): void {
    if (this.idle) this.parts.tell(true);
  }

  private judge(): boolean {
    const minutes = this.parts.after();
    if (minutes === 0 || this.parts.talks()) return false;
    const gone = this.parts.now() - Math.max(this.seen, this.parts.touched.read());
    if (this.detector?.userState) {
      const left = this.detector.userState === "idle" || this.detector.screenState === "locked";
      return left && gone >= Math.min(minutes * 60_000, LEAST_MS);
    }
    return gone >= minutes * 60_000;
  }
}

const KEY = "pascom.touched";
const EVERY_MS = 10_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

type IdleDetector = Detector & EventTarget & { start(options: { threshold: number; signal: AbortSignal }): Promise<void> };
declare global {
  interface Window {
    IdleDetector?: { new (): IdleDetector; requestPermission(): Promise<PermissionState> };
  }
}

/** Watches this page.  `detect` asks the browser for the whole device; it has to come from a press. */
export function watchPage(parts: Omit<Surroundings, "now" | "touched">): { presence: Presence; detect(ask: boolean): Promise<boolean> } {
  const presence = new Presence({
    ...parts,
    now: () => Date.now(),
    touched: {
      read: () => Number(stored(() => localStorage.getItem(KEY)) ?? 0),
      write: (at) => void stored(() => localStorage.setItem(KEY, String(at))),
    },
  });
  for (const kind of TOUCHES) addEventListener(kind, () => presence.touch(), { passive: true, capture: true });
  addEventListener("visibilitychange", () => document.hidden || presence.touch());
  setInterval(() => presence.look(), EVERY_MS);
  let running: AbortController | null = null;
  const detect = async (ask: boolean): Promise<boolean> => {
    const minutes = parts.after();
    running?.abort();
    running = null;
    presence.detects(null);
    if (!window.IdleDetector || !minutes) return false;
    try {
      const allowed = ask ? await window.IdleDetector.requestPermission() : (await navigator.permissions.query({ name: "idle-detection" as PermissionName })).state;
      if (allowed !== "granted") return false;
      const detector = new window.IdleDetector();
      running = new AbortController();
      detector.addEventListener("change", () => presence.look());
      await detector.start({ threshold: Math.max(LEAST_MS, minutes * 60_000), signal: running.signal });
      presence.detects(detector);
      return true;
    } catch {
      // A browser that knows it only half, or a page that may not: touches say enough.
      return false;
    }
  };
  return { presence, detect };
}

function stored<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
