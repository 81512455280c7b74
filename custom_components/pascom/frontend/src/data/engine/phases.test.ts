import { expect, test } from "vitest";
import { next, TABLE, type Input, type Phase } from "./phases";

const INPUTS: Input[] = ["answer", "answered", "rings", "refused", "hang_up", "ended"];

test.each([
  ["ringing", "answer", "answering", ["hush", "speak"]],
  ["ringing", "hang_up", "ended", ["hush", "reject", "close"]],
  ["ringing", "ended", "ended", ["hush", "close"]],
  ["answering", "answered", "talking", []],
  ["answering", "refused", "ringing", []],
  ["dialling", "rings", "calling", []],
  ["calling", "answered", "talking", []],
  ["talking", "hang_up", "ended", ["hang_up", "close"]],
  ["talking", "rings", "talking", []],
] as const)("%s and %s become %s", (phase, input, after, actions) => {
  expect(next(phase, input)).toEqual([after, actions]);
});

test("what has ended stays ended, whatever comes", () => {
  for (const input of INPUTS) expect(next("ended", input)).toEqual(["ended", []]);
});

test("every way to the end closes what the call had", () => {
  for (const phase of Object.keys(TABLE) as Phase[])
    for (const input of INPUTS) {
      const [after, actions] = next(phase, input);
      if (after === "ended" && phase !== "ended") expect(actions).toContain("close");
    }
});

test("a live call can always be hung up", () => {
  for (const phase of Object.keys(TABLE) as Phase[]) expect(next(phase, "hang_up")[0]).toBe("ended");
});
