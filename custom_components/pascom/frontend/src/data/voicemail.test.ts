import { expect, test } from "vitest";
import { Store } from "./store";
import { boxesOf, Mailbox } from "./voicemail";
import type { Recorded, Snapshot } from "./wire";

const message = (id: string, at: string, more: Partial<Recorded> = {}): Recorded => ({
  id, caller: "102", caller_name: "Ben", at, seconds: 4, heard: false, picture: false, ...more,
});

function box(refused: string[] = []) {
  const world = { asked: [] as [string, object][], timers: [] as (() => void)[], messages: [message("m2", "2026-11-20T12:00"), message("m1", "2026-11-19T12:00")] };
  const ask = async <T,>(command: string, fields: object = {}): Promise<T> => {
    world.asked.push([command, fields]);
    if (refused.includes(command)) throw { code: "forbidden", message: "No." };
    return { messages: world.messages } as T;
  };
  const later = (_ms: number, work: () => void): (() => void) => {
    world.timers.push(work);
    return () => void (world.timers = world.timers.filter((each) => each !== work));
  };
  return { world, mailbox: new Mailbox({ ask, later, changed: () => undefined }, "door:front") };
}

const ids = (mailbox: Mailbox): string[] => mailbox.messages.map(({ id }) => id);

test("what is deleted can be had back for a while, and is gone then", async () => {
  const { world, mailbox } = box();
  await mailbox.load();
  mailbox.remove("m2", () => undefined);
  expect([ids(mailbox), mailbox.undoable.length]).toEqual([["m1"], 1]);
  await mailbox.load();
  expect(ids(mailbox)).toEqual(["m1"]);
  mailbox.undo();
  expect([ids(mailbox), world.timers, mailbox.undoable]).toEqual([["m2", "m1"], [], []]);
  mailbox.remove("m1", () => undefined);
  world.timers[0]?.();
  await Promise.resolve();
  expect(world.asked.at(-1)).toEqual(["voicemail/remove", { message: "m1" }]);
});

test("who leaves deletes what they deleted", async () => {
  const { world, mailbox } = box();
  await mailbox.load();
  mailbox.remove("m1", () => undefined);
  mailbox.close();
  expect([world.asked.at(-1), world.timers]).toEqual([["voicemail/remove", { message: "m1" }], []]);
});

test("what the PBX refuses is as it was before", async () => {
  const { world, mailbox } = box(["voicemail/mark", "voicemail/remove"]);
  await mailbox.load();
  await expect(mailbox.mark("m1", true)).rejects.toMatchObject({ code: "forbidden" });
  expect(mailbox.messages.map(({ heard }) => heard)).toEqual([false, false]);
  const failed: unknown[] = [];
  mailbox.remove("m2", (error) => failed.push(error));
  world.timers[0]?.();
  await new Promise((resolve) => setTimeout(resolve));
  expect([ids(mailbox), failed]).toEqual([["m2", "m1"], [{ code: "forbidden", message: "No." }]]);
});

test("there is one's own box, where the PBX has any, and that of each door with messages", () => {
  const store = new Store();
  const me = { user: "anna", display_name: "Anna", extension: "101", linked: true, admin: false };
  const snapshot = {
    users: [{ name: "anna", voicemail: 2, voicemail_enabled: false }],
    doors: [{ name: "front", display_name: "Front door", voicemail: 0 }, { name: "back", display_name: "Back", voicemail: null }],
  } as unknown as Snapshot;
  store.take({ type: "snapshot", snapshot, me, connected: true });
  expect(boxesOf(store, "Mine")).toEqual([{ key: "", title: "Mine", fresh: 2 }, { key: "door:front", title: "Front door", fresh: 0 }]);
});
