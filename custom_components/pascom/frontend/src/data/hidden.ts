/** What happens while nobody sees this browser is told by the browser itself: who rings, until it rings no more; what was missed. */

import { navigate } from "./navigate";
import type { Preferences } from "./wire";

export type Kind = Exclude<keyof Preferences["notifications"], "critical">;

export interface Told {
  /** The same for all tabs of a browser, so that it is shown once. */
  tag: string;
  kind: Kind;
  title: string;
  text: string;
  icon: string;
  /** Where a press leads, empty for the page as it is. */
  path: string;
}

export interface Screen {
  hidden(): boolean;
  /** Whether another tab of this browser is looked at, which shows it itself. */
  seenElsewhere(): Promise<boolean>;
  /** Shows it; a press on it brings this tab to the front.  The result takes it away. */
  show(told: Told): () => void;
}

export class HiddenNotices {
  /** Null while it is asked whether another tab shows it. */
  private readonly shown = new Map<string, (() => void) | null>();
  private past: Told[] = [];
  private ringing: readonly Told[] = [];
  /** Whether anything was told, or would have been. */
  missed = false;

  constructor(
    private readonly screen: Screen,
    private readonly wanted: (kind: Kind) => boolean,
  ) {}

  /** Called whenever something may have begun or ended to ring, or somebody may look again. */
  look(ringing: readonly Told[] = this.ringing): void {
    this.ringing = ringing;
    if (!this.screen.hidden()) this.past = [];
    const wanted = this.wants();
    for (const [tag, close] of [...this.shown]) {
      if (wanted.some((each) => each.tag === tag)) continue;
      close?.();
      this.shown.delete(tag);
    }
    for (const each of wanted) if (!this.shown.has(each.tag)) void this.show(each);
  }

  /** Something happened once; it is told until somebody looks. */
  tell(told: Told): void {
    if (!this.screen.hidden()) return;
    this.past = [...this.past, told];
    this.look();
  }

  private wants(): Told[] {
    if (!this.screen.hidden()) return [];
    return [...this.ringing, ...this.past].filter(({ kind, tag }) => this.wanted(kind) || this.shown.has(tag));
  }

  private async show(told: Told): Promise<void> {
    this.shown.set(told.tag, null);
    const elsewhere = await this.screen.seenElsewhere();
    if (!this.shown.has(told.tag)) return;
    if (!elsewhere) this.missed = true;
    this.shown.set(told.tag, elsewhere ? () => undefined : this.screen.show(told));
  }
}

/** Held by every tab that somebody looks at. */
const LOOKED = "pascom.looked";

/** Lets other tabs of this browser know that this one is looked at. */
export function showLooking(hidden: () => boolean): () => void {
  let release: (() => void) | null = null;
  return () => {
    if (!navigator.locks) return;
    if (hidden()) {
      release?.();
      release = null;
    } else if (release === null) {
      const done = new Promise<void>((resolve) => (release = resolve));
      void navigator.locks.request(LOOKED, { mode: "shared" }, () => done);
    }
  };
}

export const BROWSER_SCREEN: Screen = {
  hidden: () => document.hidden || !document.hasFocus(),
  seenElsewhere: async () => {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return held.some(({ name }) => name === LOOKED);
  },
  show: ({ tag, kind, title, text, icon, path }) => {
    if (noticesHere() !== "granted") return () => undefined;
    try {
      const rings = kind === "door" || kind === "call";
      const notice = new Notification(title, { body: text, tag, requireInteraction: rings, silent: rings, ...(icon ? { icon } : {}) });
      notice.onclick = () => {
        window.focus();
        notice.close();
        if (path) navigate(path);
      };
      return () => notice.close();
    } catch {
      // Phones show them by service workers alone; there the app's own notification comes.
      return () => undefined;
    }
  },
};

/** Whether this browser shows any, or would after it was asked. */
export function noticesHere(): NotificationPermission | "never" {
  return "Notification" in globalThis && globalThis.isSecureContext ? Notification.permission : "never";
}
