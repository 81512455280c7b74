/** What a screen reader says of calls: who calls, with whom one speaks, how it ended; each once. */

import { t as ct } from "./call-texts";
import type { DoorLine } from "./engine/door";
import type { Line } from "./engine/line";
import type { Phase } from "./engine/phases";

interface Words {
  name: (line: Line) => string;
  how: (line: Line) => string;
  door: (door: string) => string;
}

const SAID: Partial<Record<Phase, (line: Line, words: Words) => string>> = {
  ringing: (line, { name }) => (line.door ? "" : ct("says_ringing", { name: name(line) })),
  talking: (line, { name }) => ct("says_talking", { name: name(line) }),
  ended: (line, { name, how }) => (line.door ? "" : ct("says_ended", { name: name(line), how: how(line) })),
};

export class Announcer {
  text = "";
  private readonly phases = new Map<number, Phase>();
  private readonly rings = new Map<string, string>();

  constructor(private readonly words: Words) {}

  look(lines: readonly Line[], doors: readonly DoorLine[]): string {
    for (const line of lines) {
      if (this.phases.get(line.id) === line.phase) continue;
      this.phases.set(line.id, line.phase);
      this.text = SAID[line.phase]?.(line, this.words) || this.text;
    }
    for (const id of [...this.phases.keys()]) if (!lines.some((line) => line.id === id)) this.phases.delete(id);
    for (const { door, ring } of doors) {
      if (ring && this.rings.get(door) !== ring) this.text = ct("says_door", { door: this.words.door(door) });
      this.rings.set(door, ring);
    }
    return this.text;
  }
}
