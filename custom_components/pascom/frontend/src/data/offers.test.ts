import { expect, test } from "vitest";
import { offersOf } from "../components/offers";
import type { House } from "./house";
import { past, type Past } from "./journal";
import { Phonebook } from "./phonebook";
import type { Ask } from "./link";
import { Store } from "./store";
import type { Contact, JournalEntry, Snapshot } from "./wire";

const NUMBERS: Contact["numbers"] = [{ label: "work", number: "+49 89 1234" }, { label: "mobile", number: "0171 555" }, { label: "fax", number: "089 9" }];
const BOOK: Contact[] = [
  { id: 1, book: "company", name: "Dr. Huber", first: "", last: "Huber", company: "", numbers: NUMBERS, email: "", note: "", revision: 1 },
  { id: 2, book: "private", name: "Huber Hanna", first: "Hanna", last: "Huber", company: "", numbers: [{ label: "home", number: "+49 89/1234" }], email: "", note: "", revision: 1 },
];

async function house(): Promise<House> {
  const store = new Store();
  const users = [{ name: "ben", display_name: "Ben Huber", extension: "102", devices: [], availability: "available", availability_text: "" }];
  const snapshot = { users, doors: [], rooms: [], teams: [], calls: [] } as unknown as Snapshot;
  store.take({ type: "snapshot", snapshot, me: { user: "anna", display_name: "", extension: "101", linked: true, admin: false }, connected: true });
  const phonebook = new Phonebook((() => Promise.resolve({ contacts: BOOK, next: null })) as unknown as Ask, () => undefined);
  await phonebook.load();
  return { store, phonebook, names: { of: () => "" } } as unknown as House;
}

function called(number: string, name: string): Past {
  return past({ id: 1, at: "2026-11-21T10:00:00Z", caller: number, caller_name: name, outcome: "missed", quality: [] } as unknown as JournalEntry, "anna");
}

test("people come first, then the phonebooks, then the journal; each number once and by one's own name for it", async () => {
  const offers = offersOf(await house(), "hub", [called("+49891234", "Praxis"), called("+49305", "Huberts Blumen")], 9);
  expect(offers.map(({ title, number }) => `${title} ${number}`)).toEqual(["Ben Huber 102", "Huber Hanna +49 89 1234", "Dr. Huber 0171 555", "Huberts Blumen +49305"]);
  expect(offersOf(await house(), "hub", [], 2)).toHaveLength(2);
});

test("who types a number means that one", async () => {
  expect(offersOf(await house(), "0171", [], 9).map(({ number }) => number)).toEqual(["0171 555"]);
});
