/** Whom a call card shows. */

import type { Entry } from "../components/people";

/** Without a choice of anybody's: as many as fit where one looks at them. */
const MOST = 12;

/** Those who are chosen, in that order, else this browser's favourites, else the people and teams: rooms have a card. */
export function chosenPeople(all: readonly Entry[], chosen: readonly string[] | undefined, favourites: readonly string[]): Entry[] {
  const named = (keys: readonly string[]): Entry[] => keys.flatMap((key) => all.find((entry) => entry.key === keyOf(key)) ?? []);
  if (chosen?.length) return named(chosen);
  const found = named(favourites);
  if (found.length) return found;
  const callable = (kind: Entry["kind"]): Entry[] => all.filter((entry) => entry.kind === kind && entry.number);
  return [...callable("user"), ...callable("team")].slice(0, MOST);
}

/** A name alone is a person's. */
function keyOf(key: string): string {
  return key.includes(":") ? key : `user:${key}`;
}
