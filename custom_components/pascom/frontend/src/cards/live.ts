/** Whether a door card shows what moves: while somebody rings, and for a while after a tap; never by being there. */

/** A tap that nobody took back: a tablet at the wall would keep the station in a call all day. */
export const TAP_MS = 180_000;
/** One scrolls past and comes back. */
export const AWAY_MS = 4000;

export class Live {
  private ring = "";
  /** The ring whose picture ended here, by whoever: it does not begin by itself again. */
  private seen = "";
  private tapped: number | null = null;
  private hidden: number | null = null;

  /** The ring that goes on now, empty for none. */
  rings(ring: string): void {
    this.ring = ring;
  }

  tap(now: number): void {
    this.tapped = now;
    this.hidden = null;
  }

  /** Somebody ended it: by the button, or the picture was lost. */
  end(): void {
    this.tapped = null;
    this.seen = this.ring;
  }

  /** Whether anybody could see the card: on the screen, in a page that is shown. */
  visible(visible: boolean, now: number): void {
    if (!visible) this.hidden ??= now;
    else if (this.hidden !== null) {
      if (now - this.hidden >= AWAY_MS) this.tapped = null;
      this.hidden = null;
    }
  }

  wanted(now: number, byRing: boolean): boolean {
    if (this.hidden !== null && now - this.hidden >= AWAY_MS) return false;
    if (byRing && this.ring && this.ring !== this.seen) return true;
    return this.tapped !== null && now - this.tapped < TAP_MS;
  }
}
