/** What is heard of what rings: the tone of the first, a knock for who talks already, nothing once it was silenced. */

import type { Line } from "./line";
import type { Phase } from "./phases";
import type { Ringer, Tone } from "./sound";

/** In these phases one talks: what rings then but knocks. */
const TALKS: ReadonlySet<Phase> = new Set<Phase>(["talking", "answering"]);

export class Bells {
  private silenced = false;

  constructor(
    private readonly ringer: Ringer,
    private readonly tone: (line: Line) => Tone,
    /** Whether somebody talks in another tab of this browser, which then knocks for all. */
    private readonly quiet: () => boolean,
  ) {}

  /** One more rings: whatever was silenced before is not meant any more. */
  rang(): void {
    this.silenced = false;
  }

  /** What rings now is heard no more; what rings next is. */
  silence(): void {
    this.silenced = true;
    this.ringer.still();
  }

  hush(): void {
    this.ringer.hush();
  }

  back(): void {
    this.ringer.ring("back");
  }

  sound(lines: readonly Line[]): void {
    const line = lines.find((each) => each.phase === "ringing");
    if (line === undefined) {
      if (!lines.some((each) => !each.incoming && each.phase === "calling")) this.ringer.hush();
      return;
    }
    if (this.silenced) return;
    const talks = lines.some((each) => TALKS.has(each.phase));
    if (!talks && this.quiet()) this.ringer.hush();
    else this.ringer.ring(talks ? "knock" : this.tone(line));
  }
}
