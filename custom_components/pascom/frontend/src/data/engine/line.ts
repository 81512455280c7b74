/** One call of this browser as it is shown. */

import type { Path } from "./peer";
import type { Phase } from "./phases";
import type { Quality } from "./quality";
import type { Trouble } from "./sound";

export interface Line {
  readonly id: number;
  readonly incoming: boolean;
  leg: string;
  call: string;
  phase: Phase;
  name: string;
  number: string;
  door: string;
  muted: boolean;
  held: boolean;
  /** It was at another window or phone of ours before. */
  moves: boolean;
  /** Without a microphone: one hears, and is not heard. */
  listens: boolean;
  /** Whether our camera is seen at the other end. */
  camera: boolean;
  /** What is seen of the other end, while something moves there. */
  picture: MediaStream | null;
  /** Epoch milliseconds. */
  began: number;
  answered: number | null;
  ended: number | null;
  /** Of the end: Q.850's number and the PBX's words; who took the call instead. */
  cause: number;
  reason: string;
  elsewhere: boolean;
  by: string;
  /** It broke off: nobody hung up, and one press calls again. */
  broken: boolean;
  quality: Quality | null;
  path: Path;
  trouble: Trouble | null;
  /** What the PBX refused, in its words. */
  problem: string;
}

export type Given = Partial<Line> & Pick<Line, "incoming" | "phase">;

export function newLine(id: number, now: number, given: Given): Line {
  return {
    id, leg: "", call: "", name: "", number: "", door: "", muted: false, held: false, moves: false, listens: false, camera: false, picture: null,
    began: now, answered: null, ended: null, cause: 0, reason: "", elsewhere: false, by: "", broken: false,
    quality: null, path: "connecting", trouble: null, problem: "", ...given,
  };
}

/** What became of a call that nobody here can hang up any more: Q.850's numbers of a network or a PBX that failed. */
const BREAKS: ReadonlySet<number> = new Set([20, 27, 38, 41, 42]);

export function brokeOff(line: Line): boolean {
  return line.answered !== null && BREAKS.has(line.cause);
}
