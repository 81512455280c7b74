import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Journal, missedSince, past, visit, worst } from "./journal";
import type { Ask } from "./link";
import type { JournalEntry, VisitEntry } from "./wire";

function golden<T>(name: string): T {
  const text = readFileSync(new URL(`../../../../../tests/wire/${name}.json`, import.meta.url), "utf8");
  const frames = (JSON.parse(text) as { frames: { frame: { type: string; result?: T } }[] }).frames;
  return frames.find((each) => each.frame.type === "result")?.frame.result as T;
}

const CALL = golden<{ entries: JournalEntry[] }>("journal_list").entries[0] as JournalEntry;
const VISIT = golden<{ entries: VisitEntry[] }>("door_log").entries[0] as VisitEntry;

/** Minutes after noon. */
function at(minutes: number): string {
  return new Date(Date.UTC(2026, 10, 21, 12, minutes)).toISOString();
}

/** A PBX with calls at even minutes, and visits at odd ones. */
class FakePast {
  calls: JournalEntry[] = [];
  visits: VisitEntry[] = [];
  readonly asked: [string, Record<string, unknown>][] = [];
  most = 3;

  readonly ask = ((command: string, fields: Record<string, unknown> = {}) => {
    this.asked.push([command, fields]);
    const all: { id: number }[] = command === "journal/list" ? this.calls : this.visits;
    const found = all.filter(({ id }) => id < ((fields.before as number | undefined) ?? Infinity)).toSorted((a, b) => b.id - a.id);
    const page = found.slice(0, this.most);
    return Promise.resolve({ entries: page, next: found.length > this.most ? page.at(-1)?.id : null });
  }) as Ask;

  call(id: number, minutes: number): void {
    this.calls.push({ ...CALL, id, at: at(minutes), ended_at: at(minutes) });
  }

  visit(id: number, minutes: number): void {
    this.visits.push({ ...VISIT, id, at: at(minutes) });
  }
}

function keys(journal: Journal): string {
  return journal.entries.map(({ key }) => key).join(" ");
}

test("the journal tells in, out and missed as I see it", () => {
  expect(past(CALL, "anna")).toMatchObject({ way: "in", name: "Dr. Huber", number: "+4989123456", by: "anna", quality: "good" });
  expect(past({ ...CALL, caller_user: "anna", callee_user: "ben", callee_name: "Ben" }, "anna")).toMatchObject({ way: "out", name: "Ben", user: "ben" });
  expect(past({ ...CALL, outcome: "missed", reason: "No answer" }, "anna")).toMatchObject({ way: "missed", reason: "No answer" });
});

test("what happened at doors says by whom", () => {
  expect(visit({ ...VISIT, kind: "opening", door: "front", by: "anna", error: "" })).toMatchObject({ way: "opening", door: "front", by: "anna" });
});

test("a call was as good as who heard worst would say", () => {
  const line = { number: "101", received: 1000, lost: 0, jitter: 2, round_trip: null, codec: "PCMA" };
  expect(worst([])).toBeNull();
  expect(worst([line])).toBe("good");
  expect(worst([line, { ...line, lost: 50 }])).toBe("fair");
  expect(worst([{ ...line, jitter: 180 }, line])).toBe("poor");
});

test("calls and doors stand in the order in which they happened, page by page", async () => {
  const pbx = new FakePast();
  for (let id = 1; id <= 8; id += 1) pbx.call(id, id * 2);
  for (let id = 1; id <= 5; id += 1) pbx.visit(id, id * 10 + 1);
  const journal = new Journal(pbx.ask, () => "anna");
  await journal.refresh();
  expect(keys(journal)).toBe("v5 v4 v3");
  while (!journal.ended) await journal.more();
  expect(keys(journal)).toBe("v5 v4 v3 v2 c8 c7 c6 v1 c5 c4 c3 c2 c1");
  expect(pbx.asked.filter(([command]) => command === "journal/list").map(([, { before, user }]) => [before, user])).toEqual([[undefined, "anna"], [6, "anna"], [3, "anna"]]);
});

test("what has come since stands above what was read before, and nothing twice", async () => {
  const pbx = new FakePast();
  for (let id = 1; id <= 9; id += 1) if (id !== 8) pbx.call(id, id);
  const journal = new Journal(pbx.ask, () => "anna", "in");
  await journal.refresh();
  await journal.more();
  expect(keys(journal)).toBe("c9 c7 c6 c5 c4 c3");
  // A long call that began before another ended after it.
  pbx.call(8, 8);
  pbx.call(10, 10);
  await journal.refresh();
  expect(keys(journal)).toBe("c10 c9 c8 c7 c6 c5 c4 c3");
  await journal.more();
  expect(keys(journal)).toBe("c10 c9 c8 c7 c6 c5 c4 c3 c2 c1");
  for (let id = 20; id < 30; id += 1) pbx.call(id, id);
  await journal.refresh();
  expect(keys(journal)).toBe("c29 c28 c27");
  expect(journal.ended).toBe(false);
});

test("a filter is asked of the PBX, and doors alone ask for no calls", async () => {
  const pbx = new FakePast();
  pbx.call(1, 1);
  await new Journal(pbx.ask, () => "anna", "missed").refresh();
  await new Journal(pbx.ask, () => "anna", "doors").refresh();
  expect(pbx.asked).toEqual([["journal/list", { limit: 100, user: "anna", way: "missed" }], ["door/log", { limit: 100 }]]);
});

test("who asks for more while more is on its way waits for that", async () => {
  const pbx = new FakePast();
  for (let id = 1; id <= 9; id += 1) pbx.call(id, id);
  const journal = new Journal(pbx.ask, () => "anna", "out");
  await journal.refresh();
  await Promise.all([journal.more(), journal.more()]);
  expect(keys(journal)).toBe("c9 c8 c7 c6 c5 c4");
});

test("calls are missed since one looked", async () => {
  const pbx = new FakePast();
  for (let id = 1; id <= 3; id += 1) pbx.call(id, id);
  expect(await missedSince(pbx.ask, "anna", at(1))).toBe(2);
});

test("what rang while one looked and was missed after that is missed, on every page and after a restart", async () => {
  const ask = (() => Promise.resolve({ entries: [{ at: at(1), ended_at: at(3) }, { at: at(0), ended_at: at(1) }], next: null })) as unknown as Ask;
  expect(await missedSince(ask, "anna", at(2))).toBe(1);
});

test("twenty thousand entries are read and merged without stopping the page", async () => {
  const pbx = new FakePast();
  pbx.most = 200;
  for (let id = 1; id <= 20_000; id += 1) pbx.call(id, id);
  const sorted = pbx.calls.toReversed();
  const ask = ((command: string, { before = Infinity }: { before?: number }) => {
    const from = before === Infinity ? 0 : 20_001 - before;
    const page = command === "journal/list" ? sorted.slice(from, from + 200) : [];
    return Promise.resolve({ entries: page, next: page.length === 200 ? page.at(-1)?.id : null });
  }) as unknown as Ask;
  const journal = new Journal(ask, () => "anna");
  await journal.refresh();
  let longest = 0;
  while (!journal.ended) {
    const since = performance.now();
    await journal.more();
    longest = Math.max(longest, performance.now() - since);
  }
  expect(journal.entries).toHaveLength(20_000);
  expect(longest).toBeLessThan(2000); // 5 ms on an idle machine
}, 60_000);
