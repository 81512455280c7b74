/** A call of this browser as a state machine: a table of (phase, input) to (phase, what to do). */

export type Phase = "ringing" | "answering" | "dialling" | "calling" | "talking" | "ended";
export type Input = "answer" | "answered" | "rings" | "refused" | "hang_up" | "ended";
export type Action = "connect" | "hush" | "speak" | "reject" | "hang_up" | "close";

type Row = Partial<Record<Input, readonly [Phase, ...Action[]]>>;

export const TABLE: Record<Phase, Row> = {
  ringing: {
    answer: ["answering", "hush", "speak"],
    answered: ["talking", "hush"],
    hang_up: ["ended", "hush", "reject", "close"],
    ended: ["ended", "hush", "close"],
  },
  answering: {
    answered: ["talking"],
    refused: ["ringing"],
    hang_up: ["ended", "hang_up", "close"],
    ended: ["ended", "close"],
  },
  dialling: {
    rings: ["calling"],
    answered: ["talking"],
    refused: ["ended", "close"],
    hang_up: ["ended", "hang_up", "close"],
    ended: ["ended", "close"],
  },
  calling: {
    rings: ["calling"],
    answered: ["talking"],
    hang_up: ["ended", "hang_up", "close"],
    ended: ["ended", "close"],
  },
  talking: {
    answered: ["talking"],
    hang_up: ["ended", "hang_up", "close"],
    ended: ["ended", "close"],
  },
  ended: {},
};

/** What becomes of a phase; an input that means nothing there changes nothing. */
export function next(phase: Phase, input: Input): readonly [Phase, readonly Action[]] {
  const row = TABLE[phase][input];
  if (row === undefined) return [phase, []];
  const [after, ...actions] = row;
  return [after, actions];
}

/** What the PBX says of a leg, as an input. */
export const INPUTS: Record<string, Input> = { ringing: "rings", early: "rings", answered: "answered", ended: "ended" };

/** Why a call ended, by Q.850's number, as a key of the texts. */
export const CAUSES = {
  1: "cause_unknown",
  3: "cause_unknown",
  16: "cause_ended",
  17: "cause_busy",
  18: "cause_no_answer",
  19: "cause_no_answer",
  20: "cause_offline",
  21: "cause_rejected",
  27: "cause_offline",
  28: "cause_unknown",
  57: "cause_forbidden",
} as const;
