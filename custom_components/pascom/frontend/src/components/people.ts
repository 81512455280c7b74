/** How doors, people, teams and rooms look as entries of a list: the same in contacts, search and the dial field. */

import { asked, begins, sought, type Sought } from "../data/search";
import type { Store } from "../data/store";
import { t, whenSpoken } from "../data/texts";
import type { User } from "../data/wire";
import type { Presence } from "./avatar";
import { mdiAccountGroup, mdiAccountVoice, mdiDoorClosed } from "./icons";

export type Kind = "door" | "user" | "room" | "team";

export interface Entry {
  kind: Kind;
  /** Kind and name: unique, and kept among the favourites. */
  key: string;
  name: string;
  title: string;
  number: string;
  line: string;
  presence: Presence | undefined;
  symbol: string | undefined;
  sought: Sought;
}

export function presenceOf(user: User): Presence {
  if (user.in_call) return "busy";
  if (user.do_not_disturb) return "quiet";
  return user.registered ? "free" : "away";
}

export function presenceText(user: User): string {
  if (user.in_call) return t("in_call");
  if (user.do_not_disturb) return t("do_not_disturb");
  return user.registered ? t("available") : t("unavailable");
}

let made: { snapshot: unknown; me: string; list: readonly Entry[] } = { snapshot: null, me: "", list: [] };
const ready = new Map<string, Sought>();
whenSpoken(() => (made = { snapshot: null, me: "", list: [] }));

/** Everything that can be called, doors first, without oneself. */
export function entries(store: Store): readonly Entry[] {
  const { snapshot, me } = store;
  if (made.snapshot !== snapshot || made.me !== me.user) made = { snapshot, me: me.user, list: listed(store) };
  return made.list;
}

/** Names stay longer than states do. */
function soughtOf(...texts: string[]): Sought {
  const key = texts.join("\n");
  let found = ready.get(key);
  if (found === undefined) {
    if (ready.size > 20_000) ready.clear();
    ready.set(key, (found = sought(...texts)));
  }
  return found;
}

function listed(store: Store): Entry[] {
  const { doors = [], users = [], rooms = [], teams = [] } = store.snapshot ?? {};
  const entry = (kind: Kind, each: { name: string; display_name: string; extension: string }, line: string, more: Partial<Entry>): Entry => ({
    kind, key: `${kind}:${each.name}`, name: each.name, title: each.display_name || each.name, number: each.extension,
    line, presence: undefined, symbol: undefined, sought: soughtOf(each.display_name, each.name, each.extension), ...more,
  });
  return [
    ...byName(doors).map((door) => entry("door", door, doorText(door.connected, door.state), {
      symbol: mdiDoorClosed,
      presence: door.state === "ringing" ? "ringing" : door.state === "talking" ? "busy" : door.connected ? "free" : "away",
    })),
    ...byName(users).filter((user) => user.name !== store.me.user).map((user) => entry("user", user, presenceText(user), { presence: presenceOf(user) })),
    ...byName(rooms).map((room) => entry("room", room,
      room.participants.length ? t("people_in_room", { count: room.participants.length }) : t("room_empty"),
      { symbol: mdiAccountVoice, presence: room.active ? "busy" : undefined })),
    ...byName(teams).map((team) => entry("team", team, team.members.map((name) => store.nameOf(name)).join(", "), { symbol: mdiAccountGroup })),
  ];
}

function byName<T extends { display_name: string }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => a.display_name.localeCompare(b.display_name));
}

/** Those that answer, first whose names begin as is asked. */
export function found(all: readonly Entry[], question: string): readonly Entry[] {
  if (!question.trim()) return all;
  const [answers, first] = [asked(question), begins(question)];
  const some = all.filter((entry) => answers(entry.sought));
  return [...some.filter((entry) => first(entry.sought)), ...some.filter((entry) => !first(entry.sought))];
}

function doorText(connected: boolean, state: string): string {
  if (state === "ringing") return t("door_rings");
  if (state === "talking") return t("in_call");
  return connected ? t("door_ready") : t("door_offline");
}
