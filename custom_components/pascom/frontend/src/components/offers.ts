/** What a field for numbers offers while one types: people and rooms, then the phonebooks, then who was called or called. */

import type { House } from "../data/house";
import type { Past } from "../data/journal";
import type { Presence } from "../data/presence";
import { digits } from "../data/search";
import { nameOf } from "./past-row";
import { entries, found } from "./people";
import { tb } from "./phonebook-texts";

export interface Offer {
  title: string;
  number: string;
  /** Which of their numbers it is. */
  line: string;
  /** What the dot says, in words. */
  said?: string;
  presence?: Presence | undefined;
  symbol?: string | undefined;
  picture?: string;
}

/** Each number once, by the name that comes first: of two contacts with one number the private one. */
export function offersOf(house: House, question: string, past: readonly Past[], most: number): readonly Offer[] {
  const offers = new Map<string, Offer>();
  const offer = (made: Offer): void => {
    const key = digits(made.number) || made.number;
    if (made.number && !offers.has(key) && offers.size < most) offers.set(key, made);
  };
  // A number of several is meant where it is what was typed.
  const typed = digits(question).replace(/^(\+|0+)/, "");
  for (const { title, number, line: said, presence, symbol, picture } of found(entries(house.store), question)) offer({ title, number, line: "", said, presence, symbol, picture });
  for (const { book, name, numbers } of house.phonebook.find(question).slice(0, 4 * most)) {
    const meant = typed.length > 2 ? numbers.filter(({ number }) => digits(number).includes(typed)) : [];
    for (const { label, number } of meant.length ? meant : numbers) {
      const there = offers.get(digits(number));
      if (there?.line && book === "private") there.title = name;
      else if (label !== "fax") offer({ title: name, number, line: tb(`label_${label}`) });
    }
  }
  for (const each of past) if (!each.user) offer({ title: nameOf(house, each), number: each.number, line: "" });
  return [...offers.values()];
}
