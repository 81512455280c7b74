import { expect, test } from "vitest";
import { Presence } from "./idle";
import { Preferred } from "./preferences";
import type { Preferences } from "./wire";

const MINUTE = 60_000;

function desk(after = 5) {
  const world = { now: 1_000_000, shared: 0, talks: false, after, told: [] as boolean[] };
  const presence = new Presence({
    now: () => world.now,
    touched: { read: () => world.shared, write: (at) => (world.shared = at) },
    after: () => world.after,
    talks: () => world.talks,
    tell: (idle) => world.told.push(idle),
  });
  const later = (minutes: number): void => {
    world.now += minutes * MINUTE;
    presence.look();
  };
  return { world, presence, later };
}

test("who touches nothing for so long is away, and back with the first touch", () => {
  const { world, presence, later } = desk();
  later(4.9);
  expect(world.told).toEqual([]);
  later(0.2);
  expect(world.told).toEqual([true]);
  presence.again();
  presence.touch();
  expect(world.told).toEqual([true, true, false]);
  presence.again();
  expect(world.told).toEqual([true, true, false]);
});

test("a touch of another page of this browser counts, and so does a call", () => {
  const { world, later } = desk();
  world.shared = world.now + 4 * MINUTE;
  later(6);
  expect(world.told).toEqual([]);
  world.talks = true;
  later(30);
  expect(world.told).toEqual([]);
  world.talks = false;
  later(0);
  expect(world.told).toEqual([true]);
});

test("who never wants to be away is not, and comes back when they say so", () => {
  const { world, later } = desk(0);
  later(600);
  expect(world.told).toEqual([]);
  world.after = 1;
  later(0);
  world.after = 0;
  later(0);
  expect(world.told).toEqual([true, false]);
});

test("a device that is used elsewhere is no reason to be away, and a locked screen is one", () => {
  const { world, presence, later } = desk();
  const detector = { userState: "active", screenState: "unlocked" };
  presence.detects(detector);
  later(60);
  expect(world.told).toEqual([]);
  detector.screenState = "locked";
  later(0);
  expect(world.told).toEqual([true]);
});

test("texts of one's own are offered again, the latest first, and no more than a dozen", async () => {
  let kept: Partial<Preferences> = { texts: Array.from({ length: 12 }, (_, index) => `text ${index}`) };
  const preferred = new Preferred(async <T,>(command: string, fields?: object) => {
    if (command === "preferences/set") kept = { ...kept, ...(fields as { changes: Preferences }).changes };
    return { preferences: kept } as T;
  }, () => undefined);
  await preferred.load();
  expect(preferred.value.away_after).toBe(0);
  await preferred.remember("text 3");
  await preferred.remember("lunch");
  expect(preferred.value.texts.slice(0, 3)).toEqual(["lunch", "text 3", "text 0"]);
  expect(preferred.value.texts).toHaveLength(12);
  await preferred.forget("text 3");
  expect(preferred.value.texts).not.toContain("text 3");
});
