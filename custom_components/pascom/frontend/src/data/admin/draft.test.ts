import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { Draft } from "./draft";
import { byField } from "./faults";
import type { DoorSettings, Seen } from "./wire";

function golden(name: string): { frame: Record<string, unknown> }[] {
  const path = new URL(`../../../../../../tests/wire/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { frames: { frame: Record<string, unknown> }[] }).frames;
}

const SEEN = golden("door_settings")[1]!.frame["result"] as Seen<DoorSettings>;
const CONFLICT = golden("door_update_changed_meanwhile").at(-1)!.frame["error"];

function theirs(changes: Partial<DoorSettings>): () => Promise<Seen<DoorSettings>> {
  return () => Promise.resolve({ settings: { ...SEEN.settings, ...changes }, revision: "theirs" });
}
const never = (): Promise<never> => Promise.reject(new Error("nobody asked for that"));

test("only what was changed is sent, of the state that was seen", async () => {
  const draft = new Draft(SEEN);
  expect(draft.changed).toBe(false);
  draft.set({ display_name: "Back gate", rings: ["*"] });
  const send = vi.fn(() => Promise.resolve());
  expect(await draft.save(send, never)).toBe("saved");
  expect(send).toHaveBeenCalledWith({ display_name: "Back gate" }, SEEN.revision);
});

test("two who change the same are told, and one chooses", async () => {
  const draft = new Draft(SEEN);
  draft.set({ display_name: "Mine", ring_seconds: 45 });
  expect(await draft.save(() => Promise.reject(CONFLICT), theirs({ display_name: "Theirs", late_seconds: 5 }))).toBe("conflict");
  expect(draft.differences).toEqual([{ key: "display_name", mine: "Mine", theirs: "Theirs" }]);
  const other = new Draft(SEEN);
  other.set({ display_name: "Mine" });
  await other.save(() => Promise.reject(CONFLICT), theirs({ display_name: "Theirs" }));
  other.takeTheirs();
  expect(other.values.display_name).toBe("Theirs");
  expect(other.changed).toBe(false);
  draft.keepMine();
  const send = vi.fn(() => Promise.resolve());
  expect(await draft.save(send, never)).toBe("saved");
  expect(send).toHaveBeenCalledWith({ display_name: "Mine", ring_seconds: 45 }, "theirs");
  expect(draft.values.late_seconds).toBe(5);
});

test("two who change different things do not disturb each other", async () => {
  const draft = new Draft(SEEN);
  draft.set({ ring_seconds: 45 });
  const send = vi.fn().mockRejectedValueOnce(CONFLICT).mockResolvedValueOnce(undefined);
  expect(await draft.save(send, theirs({ display_name: "Theirs" }))).toBe("saved");
  expect(send).toHaveBeenLastCalledWith({ ring_seconds: 45 }, "theirs");
  expect(draft.values.display_name).toBe("Theirs");
});

test("another conflict is what it is: a number that somebody has", async () => {
  const draft = new Draft(SEEN);
  draft.set({ extension: "101" });
  const taken = { code: "conflict", message: "101 is used by Anna Berger already." };
  expect(await draft.save(() => Promise.reject(taken), () => Promise.resolve(SEEN))).toBe("refused");
  expect(draft.faults).toEqual({ extension: "101 is used by Anna Berger already." });
  draft.set({ extension: "160" });
  expect(draft.faults).toEqual({});
});

test("what the PBX has against it stands at the field that it means", () => {
  const fields = ["extension", "display_name", "video_url", "image_url", "rings", "open"];
  expect(byField("extension: an extension has 1 to 15 digits; display_name: this must not be empty", fields)).toEqual({
    extension: "An extension has 1 to 15 digits.", display_name: "This must not be empty.",
  });
  expect(byField("video.url: this must begin with rtsp://; video.image_url: no", fields)).toEqual({ video_url: "This must begin with rtsp://.", image_url: "No." });
  expect(byField("open[0].dtmf: this must be digits", fields)).toEqual({ open: "This must be digits." });
  expect(byField("There is no user named ida.", fields)).toEqual({ "": "There is no user named ida." });
  expect(byField("codecs: what; odd: why", fields)).toEqual({ "": "Codecs: what. Odd: why." });
});
