import { expect, test } from "vitest";
import { Announcer } from "./announcer";
import type { DoorLine } from "./engine/door";
import { levelOf } from "./engine/level";
import { newLine } from "./engine/line";

test("who calls, who is there and how it ended is said once each", () => {
  const announcer = new Announcer({ name: (line) => line.name, how: () => "Call ended", door: (door) => door });
  const line = newLine(1, 0, { incoming: true, phase: "ringing", name: "Ben" });
  expect(announcer.look([line], [])).toBe("Ben is calling");
  line.phase = "answering";
  expect(announcer.look([line], [])).toBe("Ben is calling");
  line.phase = "talking";
  expect(announcer.look([line], [])).toBe("Connected with Ben");
  line.phase = "ended";
  expect(announcer.look([line], [])).toBe("Ben: Call ended");
});

test("a door that rings is said, and its bell here is not said twice", () => {
  const announcer = new Announcer({ name: (line) => line.name, how: () => "", door: () => "Front door" });
  const bell = newLine(1, 0, { incoming: true, phase: "ringing", door: "front", name: "Front door" });
  expect(announcer.look([bell], [{ door: "front", ring: "r1" } as DoorLine])).toBe("Somebody is ringing: Front door");
});

test.each([
  [0, 0],
  [1, 1],
  [0.03, 0.49],
])("a loudness of %d is %d of the meter", (loud, level) => {
  expect(levelOf(new Float32Array(64).fill(loud))).toBeCloseTo(level, 1);
});
