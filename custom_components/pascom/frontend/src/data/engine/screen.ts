/** A tablet at the wall stays bright while somebody rings or talks; one that shows a kiosk browser wakes up. */

/** What the kiosk browser of many wall tablets lets its pages do. */
interface Kiosk {
  turnScreenOn?: () => void;
  stopScreensaver?: () => void;
  bringToForeground?: () => void;
}

export interface Lock {
  release(): Promise<void>;
}

export interface Lights {
  request(): Promise<Lock>;
  wake(): void;
}

export class Screen {
  private lock: Lock | null = null;
  private wanted = false;
  private asking = false;

  constructor(private readonly lights: Lights) {}

  /** Bright from now on, or as it likes. */
  keep(bright: boolean): void {
    if (bright === this.wanted) return;
    this.wanted = bright;
    if (bright) this.lights.wake();
    void this.settle();
  }

  /** The browser lets go whenever the page is hidden; the page is seen again. */
  seen(): void {
    this.lock = null;
    void this.settle();
  }

  private async settle(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      while (this.wanted !== (this.lock !== null)) {
        const held = this.lock;
        this.lock = null;
        if (this.wanted) this.lock = await this.lights.request();
        else await held?.release();
      }
    } catch {
      // A hidden page, or a battery that is low: the screen is not ours then.
    } finally {
      this.asking = false;
    }
  }
}

export const BROWSER_LIGHTS: Lights = {
  request: async () => {
    if (!("wakeLock" in navigator)) throw new Error("none");
    return navigator.wakeLock.request("screen");
  },
  wake: () => {
    const { fully } = globalThis as { fully?: Kiosk };
    fully?.turnScreenOn?.();
    fully?.stopScreensaver?.();
    fully?.bringToForeground?.();
  },
};
