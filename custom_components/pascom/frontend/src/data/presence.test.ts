import { expect, test } from "vitest";
import { chosen, doorKey, doorPresence, presenceKey, presenceOf } from "./presence";
import { Store } from "./store";
import type { Door, Snapshot, User } from "./wire";

const user = (more: Partial<User> = {}): User => ({
  name: "anna", display_name: "Anna", extension: "101", roles: [], registered: true, devices: [], do_not_disturb: false, availability: "available",
  availability_text: "", idle: false, profile: "", profiles: [], in_call: false, ringing: false, voicemail: 0, voicemail_enabled: null, ...more,
});
const door = (more: Partial<Door>): Door => ({ name: "front", connected: true, state: "idle", viewers: 0, voicemail: 1, ...more }) as Door;

test.each<[Partial<User>, string, string]>([
  [{}, "free", "available"],
  [{ registered: false }, "offline", "unavailable"],
  [{ idle: true }, "away", "away"],
  [{ idle: true, availability: "busy" }, "busy", "busy"],
  [{ availability: "away", registered: false }, "away", "away"],
  [{ do_not_disturb: true, availability: "away" }, "quiet", "do_not_disturb"],
  [{ do_not_disturb: true, in_call: true }, "busy", "in_call"],
  [{ ringing: true, availability: "away" }, "ringing", "ringing"],
  [{ ringing: true, in_call: true }, "busy", "in_call"],
])("who is %o has the colour %s and the words %s", (more, colour, words) => {
  expect([presenceOf(user(more)), presenceKey(user(more))]).toEqual([colour, words]);
});

test("what one chose by hand is shown as chosen, whatever happens by itself", () => {
  expect(chosen(user({ idle: true, in_call: true }))).toBe("available");
  expect(chosen(user({ availability: "busy", do_not_disturb: true }))).toBe("do_not_disturb");
});

test.each<[Partial<Door>, string, string]>([
  [{}, "free", "door_ready"],
  [{ viewers: 2 }, "free", "door_live"],
  [{ connected: false, viewers: 1 }, "offline", "door_offline"],
  [{ state: "ringing" }, "ringing", "door_rings"],
  [{ state: "talking" }, "busy", "in_call"],
])("a door that is %o has the colour %s and the words %s", (more, colour, words) => {
  expect([doorPresence(door(more)), doorKey(door(more))]).toEqual([colour, words]);
});

test("faces and new messages are found by who has the number, and change as they are told", () => {
  const store = new Store();
  const snapshot = { users: [user({ voicemail: 2 }), user({ name: "ben", extension: "102" })], doors: [door({}), door({ name: "back", voicemail: null })] } as unknown as Snapshot;
  const me = { user: "anna", display_name: "Anna", extension: "101", linked: true, admin: false };
  store.take({ type: "snapshot", snapshot, me, connected: true, pictures: { ben: "/b.jpg" } });
  expect([store.pictureOf("101"), store.pictureOf("102"), store.pictureOf("")]).toEqual(["", "/b.jpg", ""]);
  store.take({ type: "picture", user: "anna", url: "/a.jpg" });
  expect([store.pictureOf("101"), store.pictureOf("102")]).toEqual(["/a.jpg", "/b.jpg"]);
  expect(store.messages).toBe(3);
});
