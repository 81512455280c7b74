/** The PBX's log as it grows: asked for what comes after the last line, again and again. */

import type { Ask } from "../link";
import { refusal } from "../link";
import type { LogLine } from "./wire";

export interface Wanted {
  level: LogLine["level"];
  part: string;
  text: string;
}

/** Lines that a page keeps; older ones are let go. */
export const MOST_LINES = 1000;
const WAIT_SECONDS = 20;
const AFTER_TROUBLE_MS = 5000;

export class LogReader {
  lines: LogLine[] = [];
  parts: string[] = [];
  trouble = "";
  wanted: Wanted = { level: "info", part: "", text: "" };
  private turn = 0;
  private last = 0;

  constructor(
    private readonly ask: Ask,
    private readonly changed: () => void,
    private readonly later: (work: () => void, ms: number) => void = (work, ms) => void setTimeout(work, ms),
  ) {}

  /** From now on, with what is wanted, all anew where that is something else. */
  start(wanted: Wanted = this.wanted): void {
    if (JSON.stringify(wanted) !== JSON.stringify(this.wanted)) {
      this.lines = [];
      this.last = 0;
    }
    this.wanted = wanted;
    this.turn += 1;
    void this.read(this.turn);
  }

  stop(): void {
    this.turn += 1;
  }

  private async read(turn: number): Promise<void> {
    while (turn === this.turn) {
      try {
        const first = this.last === 0;
        const got = await this.ask<{ lines: LogLine[]; last: number; parts: string[] }>("log/read", {
          ...this.wanted, after: this.last, limit: 500, wait: first ? 0 : WAIT_SECONDS,
        });
        if (turn !== this.turn) return;
        // A PBX that began anew counts from the start.
        if (got.last < this.last) this.lines = [];
        this.last = Math.max(got.last, 1);
        this.lines = [...this.lines, ...got.lines].slice(-MOST_LINES);
        this.parts = got.parts;
        this.trouble = "";
        if (got.lines.length || first) this.changed();
      } catch (error) {
        if (turn !== this.turn) return;
        this.trouble = refusal(error).message;
        this.changed();
        this.later(() => void (turn === this.turn && this.read(turn)), AFTER_TROUBLE_MS);
        return;
      }
    }
  }
}
