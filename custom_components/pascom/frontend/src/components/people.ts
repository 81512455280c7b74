/** How doors, people, teams and rooms look as entries of a list: the same in contacts, search and the dial field. */

import { doorKey, doorPresence, presenceKey, presenceOf, type Presence } from "../data/presence";
import { teamPresence } from "../data/duty";
import { asked, begins, sought, type Sought } from "../data/search";
import type { Store } from "../data/store";
import { t as w } from "../data/team-texts";
import { t, whenSpoken } from "../data/texts";
import type { Contact, Team, User } from "../data/wire";
import { mdiAccountGroup, mdiAccountVoice, mdiDoorClosed } from "./icons";

export type Kind = "door" | "user" | "room" | "team" | "contact";

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
  picture: string;
  sought: Sought;
}

/** In words: the availability, and what they say of it. */
export function presenceText(user: User): string {
  return [t(presenceKey(user)), user.availability_text].filter(Boolean).join(" · ");
}

/** Somebody of the phonebook, as one of the favourites. */
export function contactEntry(contact: Contact): Entry {
  const [first] = contact.numbers;
  return {
    kind: "contact", key: `contact:${contact.id}`, name: String(contact.id), title: contact.name, number: first?.number ?? "", line: contact.company,
    presence: undefined, symbol: undefined, picture: "", sought: sought(contact.name, contact.company, ...contact.numbers.map(({ number }) => number)),
  };
}

/** Who waits, or who belongs to it. */
function teamLine(store: Store, team: Team): string {
  if (team.waiting?.length) return w("waiting_count", { count: team.waiting.length });
  return team.members.map((name) => store.nameOf(name)).join(", ");
}

const NOTHING = { snapshot: null as unknown, pictures: null as unknown, me: "", list: [] as readonly Entry[] };
let made = NOTHING;
const ready = new Map<string, Sought>();
whenSpoken(() => (made = NOTHING));

/** Everything that can be called, doors first, without oneself. */
export function entries(store: Store): readonly Entry[] {
  const { snapshot, pictures, me } = store;
  if (made.snapshot !== snapshot || made.pictures !== pictures || made.me !== me.user) made = { snapshot, pictures, me: me.user, list: listed(store) };
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
    line, presence: undefined, symbol: undefined, picture: "", sought: soughtOf(each.display_name, each.name, each.extension), ...more,
  });
  return [
    ...byName(doors).map((door) => entry("door", door, t(doorKey(door)), { symbol: mdiDoorClosed, presence: doorPresence(door) })),
    ...byName(users).filter((user) => user.name !== store.me.user).map((user) => entry("user", user, presenceText(user), {
      presence: presenceOf(user), picture: store.pictures[user.name] ?? "", sought: soughtOf(user.display_name, user.name, user.extension, user.availability_text),
    })),
    ...byName(rooms).map((room) => entry("room", room,
      room.participants.length ? t("people_in_room", { count: room.participants.length }) : t("room_empty"),
      { symbol: mdiAccountVoice, presence: room.active ? "busy" : undefined })),
    ...byName(teams).map((team) => entry("team", team, teamLine(store, team), { symbol: mdiAccountGroup, presence: teamPresence(team, store.me.user) })),
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
