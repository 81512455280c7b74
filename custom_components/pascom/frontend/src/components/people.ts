/** How doors, people, teams and rooms look as entries of a list: the same in contacts, search and the dial field. */

import { doorKey, doorPresence, presenceKey, presenceOf, type Presence } from "../data/presence";
import { asked, sought, type Sought } from "../data/search";
import type { Store } from "../data/store";
import { t } from "../data/texts";
import type { Contact, User } from "../data/wire";
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

/** Everything that can be called, doors first, without oneself. */
export function entries(store: Store): Entry[] {
  const { doors = [], users = [], rooms = [], teams = [] } = store.snapshot ?? {};
  const entry = (kind: Kind, each: { name: string; display_name: string; extension: string }, line: string, more: Partial<Entry>): Entry => ({
    kind, key: `${kind}:${each.name}`, name: each.name, title: each.display_name || each.name, number: each.extension,
    line, presence: undefined, symbol: undefined, picture: "", sought: sought(each.display_name, each.name, each.extension), ...more,
  });
  return [
    ...byName(doors).map((door) => entry("door", door, t(doorKey(door)), { symbol: mdiDoorClosed, presence: doorPresence(door) })),
    ...byName(users).filter((user) => user.name !== store.me.user).map((user) => entry("user", user, presenceText(user), {
      presence: presenceOf(user), picture: store.pictures[user.name] ?? "", sought: sought(user.display_name, user.name, user.extension, user.availability_text),
    })),
    ...byName(rooms).map((room) => entry("room", room,
      room.participants.length ? t("people_in_room", { count: room.participants.length }) : t("room_empty"),
      { symbol: mdiAccountVoice, presence: room.active ? "busy" : undefined })),
    ...byName(teams).map((team) => entry("team", team, team.members.map((name) => store.nameOf(name)).join(", "), { symbol: mdiAccountGroup })),
  ];
}

function byName<T extends { display_name: string }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => a.display_name.localeCompare(b.display_name));
}

export function found(all: readonly Entry[], question: string): Entry[] {
  const answers = asked(question);
  return all.filter((entry) => answers(entry.sought));
}
