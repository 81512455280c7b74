import { expect, test, vi } from "vitest";
import { decoded, formatOf, importText, pieces } from "./import";
import type { Ask } from "./link";
import { Names } from "./names";
import { differences, draftOf, emptyDraft, faultsOf, letterOf, Phonebook, tidied } from "./phonebook";
import type { Contact, PhonebookChanged } from "./wire";

function contact(id: number, name: string, more: Partial<Contact> = {}): Contact {
  const [first = "", last = ""] = name.split(" ");
  return { id, book: "company", name, first, last, company: "", numbers: [{ label: "work", number: `+4989${id}` }], email: "", note: "", revision: 1, ...more };
}

function changed(id: number, to: Contact | null): PhonebookChanged {
  return { kind: "phonebook_changed", book: "company", user: "", id, contact: to };
}

/** A PBX's phonebooks, which hold back their pages where a test wants that. */
class FakeBooks {
  readonly contacts = new Map<number, Contact>();
  readonly asked: [string, Record<string, unknown>][] = [];
  /** Called before a page is given. */
  beforePage: () => Promise<void> = () => Promise.resolve();
  problem: { code: string; message: string } | null = null;

  constructor(...contacts: Contact[]) {
    for (const each of contacts) this.contacts.set(each.id, each);
  }

  readonly ask = (async (command: string, fields: Record<string, unknown> = {}) => {
    this.asked.push([command, fields]);
    if (this.problem) throw this.problem;
    if (command === "phonebook/list") {
      const { after = 0, limit = 1000 } = fields as { after?: number; limit?: number };
      const found = [...this.contacts.values()].filter((each) => each.id > after).toSorted((a, b) => a.id - b.id);
      const page = found.slice(0, limit);
      await this.beforePage();
      return { contacts: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
    }
    if (command === "phonebook/update") {
      const kept = this.contacts.get(fields.id as number);
      if (kept === undefined || kept.revision !== fields.revision) throw { code: "conflict", message: "changed" };
      const made = { ...kept, ...fields, revision: kept.revision + 1, name: `${fields.first as string} ${fields.last as string}` } as Contact;
      this.contacts.set(made.id, made);
      return { contact: made };
    }
    if (command === "phonebook/import") return { added: 2, changed: 1, same: 0, faults: [{ line: 3, text: "no name" }] };
    return {};
  }) as Ask;
}

function names(book: Phonebook): string[] {
  return book.contacts.map(({ name }) => name);
}

test("the phonebook is read page by page, once, and stands by name", async () => {
  const books = new FakeBooks(...Array.from({ length: 2500 }, (_, index) => contact(index + 1, `Name${2500 - index} Muster`)));
  const book = new Phonebook(books.ask, () => undefined);
  await Promise.all([book.load(), book.load()]);
  await book.load();
  expect(books.asked.filter(([command]) => command === "phonebook/list").map(([, { after = 0 }]) => after)).toEqual([0, 1000, 2000]);
  expect(book.contacts).toHaveLength(2500);
  book.speak("de");
  expect(names(book).slice(0, 3)).toEqual(["Name1 Muster", "Name2 Muster", "Name3 Muster"]);
  expect(book.find("muster name2500").map(({ id }) => id)).toEqual([1]);
});

test("what others change stands there at once, in its place", async () => {
  const books = new FakeBooks(contact(1, "Anna Berger"), contact(2, "Zoe Zander"));
  const book = new Phonebook(books.ask, () => undefined);
  await book.load();
  book.happened(changed(3, contact(3, "Max-Andreas Mustermann")));
  expect(names(book)).toEqual(["Anna Berger", "Max-Andreas Mustermann", "Zoe Zander"]);
  expect(names(book)).toEqual(book.find("a").length ? ["Anna Berger", "Max-Andreas Mustermann", "Zoe Zander"] : []);
  book.happened(changed(1, contact(1, "Zita Berger", { revision: 2 })));
  book.happened(changed(1, contact(1, "Old Berger", { revision: 1 })));
  book.happened(changed(2, null));
  expect(names(book)).toEqual(["Max-Andreas Mustermann", "Zita Berger"]);
  expect(book.find("anna")).toEqual([]);
});

test("what happens while pages are on their way is newer than they are", async () => {
  const books = new FakeBooks(contact(1, "Anna Berger"), contact(2, "Ben Berger"));
  const book = new Phonebook(books.ask, () => undefined);
  books.beforePage = () => {
    book.happened(changed(1, contact(1, "Anna Huber", { revision: 2 })));
    book.happened(changed(2, null));
    return Promise.resolve();
  };
  await book.load();
  expect(names(book)).toEqual(["Anna Huber"]);
});

test("after an import it is read anew, once for many that happen meanwhile", async () => {
  const books = new FakeBooks(contact(1, "Anna Berger"));
  const book = new Phonebook(books.ask, () => undefined);
  book.happened(changed(0, null));
  expect(books.asked).toEqual([]);
  await book.load();
  books.contacts.set(2, contact(2, "Ben Berger"));
  for (let times = 0; times < 5; times += 1) book.happened(changed(0, null));
  await vi.waitFor(() => expect(names(book)).toEqual(["Anna Berger", "Ben Berger"]));
  expect(books.asked.filter(([command]) => command === "phonebook/list").length).toBeLessThanOrEqual(3);
});

test("a PBX that is away is said, and what was there stays", async () => {
  const books = new FakeBooks(contact(1, "Anna Berger"));
  books.problem = { code: "unavailable", message: "The PBX is away." };
  const book = new Phonebook(books.ask, () => undefined);
  await book.load();
  expect([book.phase, book.problem]).toEqual(["failed", "The PBX is away."]);
  books.problem = null;
  await book.load();
  expect([book.phase, names(book)]).toEqual(["ready", ["Anna Berger"]]);
  books.problem = { code: "unavailable", message: "The PBX is away." };
  await book.refresh();
  expect([book.phase, names(book), book.problem]).toEqual(["ready", ["Anna Berger"], "The PBX is away."]);
});

test("who changes what somebody else has changed sees theirs", async () => {
  const books = new FakeBooks(contact(1, "Anna Berger"));
  const book = new Phonebook(books.ask, () => undefined);
  await book.load();
  const mine = { ...draftOf(book.get(1) as Contact), note: "mine" };
  books.contacts.set(1, contact(1, "Anna Huber", { last: "Huber", revision: 2 }));
  await expect(book.update(1, 1, mine)).rejects.toMatchObject({ code: "conflict" });
  const theirs = (await book.fresh(1)) as Contact;
  expect(names(book)).toEqual(["Anna Huber"]);
  expect(differences(mine, draftOf(theirs))).toEqual(["last", "note"]);
  expect((await book.update(1, theirs.revision, mine)).note).toBe("mine");
  books.contacts.delete(1);
  expect(await book.fresh(1)).toBeUndefined();
  expect(names(book)).toEqual([]);
});

test("a private name stands before the company's of the same name, each book alone has its own", async () => {
  const books = new FakeBooks(contact(1, "Dr. Huber"), contact(2, "Dr. Huber", { book: "private" }));
  const book = new Phonebook(books.ask, () => undefined);
  await book.load();
  expect(book.find("huber").map(({ id }) => id)).toEqual([2, 1]);
  expect(book.find("", "private").map(({ id }) => id)).toEqual([2]);
});

test("what is filled in wrongly is said beside its field", () => {
  const draft = { ...emptyDraft("private"), numbers: [{ label: "mobile", number: "abc" }, { label: "home", number: " 089 / 12-34 " }] } as ReturnType<typeof emptyDraft>;
  expect([...faultsOf(draft)]).toEqual([["name", "nameless"], ["number.0", "number"]]);
  expect([...faultsOf({ ...emptyDraft("private", "", "Anna"), email: "anna" })]).toEqual([["email", "email"]]);
  expect([...faultsOf(emptyDraft("private", "", "Anna"))]).toEqual([["number.0", "numberless"]]);
  expect(tidied({ ...draft, first: " A ", numbers: [...draft.numbers, { label: "fax", number: " " }] })).toMatchObject({ first: "A", numbers: [{ number: "abc" }, { number: "089 / 12-34" }] });
  expect(emptyDraft("private", "123", "Max-Andreas von Mustermann")).toMatchObject({ first: "Max-Andreas von", last: "Mustermann" });
});

test.each([["Öztürk", "O"], ["élan", "E"], ["  anna", "A"], ["+49 89", "#"], ["🌹 Rosi", "#"], ["כהן", "כ"], ["", "#"]])("%s stands under %s", (name, letter) => {
  expect(letterOf(name)).toBe(letter);
});

test("names of numbers are asked for together, and again once the books change", async () => {
  const asked: string[][] = [];
  const waiting: (() => void)[] = [];
  const ask = ((_: string, { numbers }: { numbers: string[] }) => {
    asked.push(numbers);
    return Promise.resolve({ names: { "+4989": "Dr. Huber" } });
  }) as unknown as Ask;
  let drawn = 0;
  const book = new Names(ask, () => (drawn += 1), (work) => waiting.push(work));
  const later = async (): Promise<void> => {
    waiting.shift()?.();
    await vi.waitFor(() => expect(drawn).toBeGreaterThan(0));
  };
  expect([book.of("+4989"), book.of("102"), book.of("+4989"), book.of("anonymous")]).toEqual(["", "", "", ""]);
  await later();
  expect(asked).toEqual([["+4989", "102"]]);
  expect([book.of("+4989"), book.of("102")]).toEqual(["Dr. Huber", ""]);
  expect(waiting).toEqual([]);
  book.forget();
  for (let number = 0; number < 450; number += 1) book.of(String(number));
  while (waiting.length) {
    waiting.shift()?.();
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve));
  }
  expect(asked.slice(1).map((numbers) => numbers.length)).toEqual([200, 200, 50]);
});

const CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\n";

test("a vCard file is cut between cards, and says how many lines lie before", () => {
  const cut = pieces(CARD.repeat(10), "vcard", 130);
  expect(cut.map(({ data }) => data).join("")).toBe(CARD.repeat(10));
  expect(cut.map(({ before }) => before)).toEqual([0, 8, 16, 24, 32]);
  expect(pieces(`${CARD}BEGIN:VCARD\nFN:unfinished`, "vcard", 10).at(-1)).toEqual({ data: "BEGIN:VCARD\nFN:unfinished", before: 4 });
});

test("each piece of a CSV file has its head line; quoted fields go over lines", () => {
  const text = 'name,note\r\n"Anna","two\r\nlines"\r\nBen,"he said ""hi"", then"\r\nCarla,x';
  const cut = pieces(text, "csv", 20);
  expect(cut.map(({ data }) => data)).toEqual(['name,note\r\n"Anna","two\r\nlines"\r\n', 'name,note\r\nBen,"he said ""hi"", then"\r\n', "name,note\r\nCarla,x"]);
  expect(cut.map(({ before }) => before)).toEqual([0, 2, 3]);
  expect(pieces(text, "csv")).toEqual([{ data: text, before: 0 }]);
});

test("a large file is cut in no time", () => {
  const since = performance.now();
  expect(pieces(CARD.repeat(40_000), "vcard").length).toBeGreaterThan(10);
  expect(pieces(`name;number\n${'"Anna ""A"" Berger";123\n'.repeat(80_000)}`, "csv").length).toBeGreaterThan(10);
  expect(performance.now() - since).toBeLessThan(5000);
});

test("an import tells how far it is, and what was wrong in which line of the file", async () => {
  const books = new FakeBooks();
  const told: number[] = [];
  const answer = { added: 0, changed: 0, same: 0, faults: [] as { line: number; text: string }[] };
  await importText(books.ask, "private", CARD.repeat(6000), answer, ({ done, all }) => told.push(done / all));
  expect(books.asked.length).toBeGreaterThan(1);
  expect(told[0]).toBe(0);
  expect(told.at(-1)).toBe(1);
  expect(answer.added).toBe(2 * books.asked.length);
  const [first, second] = answer.faults;
  expect([first?.line, (second?.line ?? 0) > 1000]).toEqual([3, true]);
});

test("files are read as they were meant", () => {
  const bytes = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;
  expect(decoded(bytes(0x4d, 0xc3, 0xbc))).toBe("Mü");
  expect(decoded(bytes(0x4d, 0xfc))).toBe("Mü");
  expect(decoded(bytes(0xff, 0xfe, 0xfc, 0x00))).toBe("ü");
  expect([formatOf("\ufeff\nbegin:vcard"), formatOf("name;number")]).toEqual(["vcard", "csv"]);
  const saved = `\ufeff<?xml version="1.0" encoding="utf-8"?>\n<phonebooks>${"<contact/>\n".repeat(20_000)}</phonebooks>`;
  expect(formatOf(saved)).toBe("fritzbox");
  expect(pieces(saved, "fritzbox")).toEqual([{ data: saved, before: 0 }]);
});
