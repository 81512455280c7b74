import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { length, initials } from "./format";
import { Store } from "./store";
import { speak, Vocabulary, whenSpoken } from "./texts";
import type { Message, Snapshot, User } from "./wire";
import { judged } from "./engine/quality";

const WIRE = new URL("../../../../../tests/wire/", import.meta.url);

function golden(name: string): { frame: { type: string; result?: unknown; event?: never } }[] {
  return JSON.parse(readFileSync(new URL(`${name}.json`, WIRE), "utf8")).frames;
}

test.each([[7, "0:07"], [723, "12:03"], [3723, "1:02:03"], [-4, "0:00"]])("%d seconds are %s", (seconds, text) => {
  expect(length(seconds)).toBe(text);
});

test("letters for a face come from the first and the last name", () => {
  expect(initials("Max-Andreas von Mustermann")).toBe("MM");
  expect(initials("Küche")).toBe("K");
  expect(initials("Dr. Anna Huber")).toBe("AH");
  expect(initials("+49 89 1")).toBe("");
});

test("every area speaks every language, with the same places for values", () => {
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  const found = import.meta.glob<Record<string, string>>("../translations/*/*.json", { eager: true, import: "default" });
  const areas = new Set(Object.keys(found).map((path) => path.split("/").at(-2) ?? ""));
  expect(areas).toContain("panel");
  for (const area of areas) {
    const english = found[`../translations/${area}/en.json`] ?? {};
    for (const language of ["bar", "de", "en", "fr", "nl", "sr"]) {
      const texts = found[`../translations/${area}/${language}.json`] ?? {};
      expect(Object.keys(texts), `${area} ${language}`).toEqual(Object.keys(english));
      for (const [key, text] of Object.entries(english)) {
        expect(texts[key], `${area} ${language} ${key}`).toBeTruthy();
        expect(places(texts[key] ?? ""), `${area} ${language} ${key}`).toEqual(places(text));
      }
    }
  }
});

test("Serbian is written in the letters of Home Assistant's Serbian, everywhere", () => {
  const found = import.meta.glob<Record<string, string>>("../translations/*/sr.json", { eager: true, import: "default" });
  const all = Object.entries(found).flatMap(([path, texts]) => Object.entries(texts).map(([key, text]) => `${path} ${key}: ${text}`));
  expect(all.length).toBeGreaterThan(500);
  expect(all.filter((line) => /[čćđšž]/i.test(line))).toEqual([]);
});

test("an area that comes late speaks the language of the others, and says when", async () => {
  const german = (): Promise<unknown> => Promise.resolve({ default: { door: "Tür {name}" } });
  const words = (): Vocabulary<{ door: string }> => new Vocabulary({ door: "Door {name}" }, { "../x/de.json": german });
  let heard = 0;
  whenSpoken(() => (heard += 1));
  const early = words();
  expect(early.t("door", { name: "1" })).toBe("Door 1");
  await speak("de-AT");
  expect(early.t("door", { name: "1" })).toBe("Tür 1");
  const late = words();
  await vi.waitFor(() => expect(late.t("door", { name: "2" })).toBe("Tür 2"));
  await vi.waitFor(() => expect(heard).toBe(2));
  await speak("en");
  expect(early.t("door", { name: "1" })).toBe("Door 1");
});

test("the snapshot and what happens are taken as they are on the wire", () => {
  const store = new Store();
  const frames = golden("ring");
  const snapshot = frames.find((each) => each.frame.type === "result")?.frame.result as Snapshot;
  const me = { user: "anna", display_name: "Anna", extension: "101", linked: true, admin: false };
  store.take({ type: "snapshot", snapshot, me, connected: true });
  const states: string[] = [];
  for (const { frame } of frames)
    if (frame.type === "event") {
      store.take({ type: "event", event: frame.event as never } as Message);
      states.push(store.door("front")?.state ?? "");
    }
  expect(states).toContain("ringing");
  expect(states).toContain("talking");
  expect(states.at(-1)).toBe("idle");
  expect(store.nameOf("anna")).toBe("Anna Berger");
  expect(store.nameOfNumber("102")).toBe("Ben Berger");
});

test("a user that changed is replaced, a call that ended is gone", () => {
  const store = new Store();
  const snapshot = golden("ring").find((each) => each.frame.type === "result")?.frame.result as Snapshot;
  store.take({ type: "snapshot", snapshot, me: { user: "anna", display_name: "", extension: "", linked: true, admin: false }, connected: true });
  const ben = { ...(store.user("ben") as User), do_not_disturb: false };
  store.take({ type: "event", event: { kind: "user_changed", user: "ben", state: ben } });
  expect(store.user("ben")?.do_not_disturb).toBe(false);
  store.take({ type: "event", event: { kind: "call_changed", call: "c1", state: null } });
  expect(store.call("c1")).toBeUndefined();
  store.take({ type: "event", event: { kind: "call_missed", call: "c3", user: "anna", caller: "", caller_name: "" } });
  expect(store.missed).toBe(1);
});

test.each([
  [{ received: 100, lost: 0, jitter: 0.005, roundTrip: 0.02 }, "good"],
  [{ received: 97, lost: 3, jitter: 0.005, roundTrip: 0.02 }, "fair"],
  [{ received: 100, lost: 0, jitter: 0.2, roundTrip: null }, "poor"],
  [{ received: 0, lost: 0, jitter: 0, roundTrip: null }, null],
] as const)("a line with %o is %s", (sample, quality) => {
  expect(judged({ received: 0, lost: 0, jitter: 0, roundTrip: null }, sample)).toBe(quality);
});
