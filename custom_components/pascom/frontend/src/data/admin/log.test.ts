import { expect, test, vi } from "vitest";
import type { Ask } from "../link";
import { LogReader } from "./log";

function line(id: number): object {
  return { id, at: "2026-11-21T10:00:00.000+00:00", level: "info", part: "calls", text: `line ${id}` };
}

interface Asked { fields: Record<string, unknown>; answer: (value: object) => Promise<void>; refuse: () => Promise<void> }

function pbx(): { asked: Asked[]; ask: Ask } {
  const asked: Asked[] = [];
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const ask = ((_: string, fields: Record<string, unknown>) => new Promise<object>((resolve, reject) => asked.push({
    fields, answer: (value) => (resolve({ parts: ["calls"], ...value }), settled()), refuse: () => (reject({ code: "unavailable", message: "away" }), settled()),
  }))) as Ask;
  return { asked, ask };
}

test("lines are read as they come, after those that there are", async () => {
  const { asked, ask } = pbx();
  const changed = vi.fn();
  const log = new LogReader(ask, changed);
  log.start();
  expect(asked[0]!.fields).toMatchObject({ after: 0, wait: 0 });
  await asked[0]!.answer({ lines: [line(3), line(4)], last: 4 });
  expect(asked[1]!.fields).toMatchObject({ after: 4, wait: 20 });
  await asked[1]!.answer({ lines: [line(6)], last: 6 });
  expect(log.lines.map((each) => each.id)).toEqual([3, 4, 6]);
  expect(changed).toHaveBeenCalledTimes(2);
  log.stop();
  await asked[2]!.answer({ lines: [line(7)], last: 7 });
  expect(log.lines).toHaveLength(3);
  expect(asked).toHaveLength(3);
});

test("another filter begins anew, a pause does not", async () => {
  const { asked, ask } = pbx();
  const log = new LogReader(ask, () => undefined);
  log.start();
  await asked[0]!.answer({ lines: [line(3)], last: 3 });
  log.stop();
  log.start();
  expect(asked.at(-1)!.fields).toMatchObject({ after: 3 });
  log.start({ level: "warning", part: "calls", text: "" });
  expect(log.lines).toEqual([]);
  expect(asked.at(-1)!.fields).toMatchObject({ after: 0, level: "warning", part: "calls" });
});

test("a PBX that began anew is read from its start, and one that is away asked again", async () => {
  const { asked, ask } = pbx();
  const later: (() => void)[] = [];
  const log = new LogReader(ask, () => undefined, (work) => later.push(work));
  log.start();
  await asked[0]!.answer({ lines: [line(90)], last: 90 });
  await asked[1]!.refuse();
  expect(log.trouble).toBe("away");
  later[0]!();
  await asked[2]!.answer({ lines: [line(1)], last: 1 });
  expect(log.lines.map((each) => each.id)).toEqual([1]);
  expect(log.trouble).toBe("");
});
