/** Where the numbers of a line ring: what is said of each, and how a form shows it. */

import type { AdminUser } from "./wire";
import { EVERYONE } from "./wire";

/** `number` is empty for every call that no number fits. */
export interface Arrival {
  number: string;
  rings: string[];
  mailbox: string;
}

export interface Arrivals {
  arrivals: Arrival[];
}

/** What the PBX says of a line; what the file says of single numbers is `fixed`. */
export interface LineArrivals {
  settings: Arrivals;
  fixed: { number: string; target: string }[];
  default: string;
  revision: string;
}

/** Whom a line may ring. */
export interface Targets {
  users: readonly Pick<AdminUser, "name" | "display_name" | "voicemail_enabled">[];
  teams: readonly { name: string; display_name: string }[];
  rooms: readonly { name: string; display_name: string }[];
}

const ROOM = "room:";
export const PEOPLE = "people";
export const MAILBOX = "mailbox";

/** Which of a form's choices it is: everybody, some, one room, or a mailbox alone. */
export function kindOf({ rings, mailbox }: Arrival, { rooms }: Targets): string {
  if (rings.includes(EVERYONE)) return EVERYONE;
  const [first] = rings;
  if (first !== undefined && rooms.some((room) => room.name === first)) return ROOM + first;
  return rings.length || !mailbox ? PEOPLE : MAILBOX;
}

/** After another of these choices. */
export function ofKind(kind: string, before: Arrival, targets: Targets): Arrival {
  const { number } = before;
  if (kind.startsWith(ROOM)) return { number, rings: [kind.slice(ROOM.length)], mailbox: "" };
  if (kind === MAILBOX) return { number, rings: [], mailbox: before.mailbox || (boxes(targets)[0]?.name ?? "") };
  if (kind === EVERYONE) return { ...before, rings: [EVERYONE] };
  const names = [...targets.users, ...targets.teams].map((each) => each.name);
  const rings = before.rings.filter((name) => names.includes(name));
  // With a mailbox and nobody yet it would be the mailbox alone.
  return { number, rings, mailbox: rings.length ? before.mailbox : "" };
}

export function roomKind(name: string): string {
  return ROOM + name;
}

/** Those who have a mailbox. */
export function boxes({ users }: Targets): Targets["users"] {
  return users.filter((user) => user.voicemail_enabled);
}

/** What holds for every other number before anybody said so: what the line was made with. */
export function usual(fallback: string, { users, teams, rooms }: Targets): Arrival {
  const known = [...users, ...teams, ...rooms].some((each) => each.name === fallback);
  return { number: "", rings: known && fallback !== "everyone" ? [fallback] : [EVERYONE], mailbox: "" };
}

/** By the number, the key of a text that says what is missing. */
export function faultsOf(arrivals: readonly Arrival[]): Record<string, "arrival_number_fault" | "arrival_twice" | "who_fault"> {
  const found: ReturnType<typeof faultsOf> = {};
  const seen = new Set<string>();
  arrivals.forEach(({ number, rings, mailbox }, at) => {
    const plain = number.replace(/\s/g, "");
    if (at > 0 && !/^\+?[0-9()/.-]{1,40}\*?$/.test(plain)) found[at] = "arrival_number_fault";
    else if (seen.has(plain)) found[at] = "arrival_twice";
    else if (!rings.length && !mailbox) found[at] = "who_fault";
    seen.add(plain);
  });
  return found;
}
