/** The phonebooks of the company and of the asker: read page by page once somebody wants them, then kept up to date by events. */

import { refusal, type Ask } from "./link";
import { Index } from "./search";
import type { Book, Contact, PhonebookChanged } from "./wire";

/** Contacts of one page. */
const PAGE = 1000;

/** What people fill in. */
export type Draft = Pick<Contact, "book" | "first" | "last" | "company" | "numbers" | "email" | "note">;

export interface Imported {
  added: number;
  changed: number;
  same: number;
  faults: readonly { line: number; text: string }[];
}

export type Wanted = Book | "all";

export class Phonebook {
  /** By name. */
  contacts: readonly Contact[] = [];
  phase: "idle" | "loading" | "ready" | "failed" = "idle";
  problem = "";
  /** Whether the asker may change the company's book; their own they always may. */
  writes = false;
  private readonly index = new Index<Contact>((contact) => textsOf(contact));
  private byId = new Map<number, Contact>();
  private loading: Promise<void> | null = null;
  private again = false;
  /** What happened while pages were on their way is newer than they are. */
  private meanwhile: Map<number, Contact | null> | null = null;
  private compare = new Intl.Collator().compare;

  constructor(
    private readonly ask: Ask,
    private readonly changed: () => void,
  ) {}

  /** Sorts as people of this language do. */
  speak(locale: string): void {
    this.compare = new Intl.Collator(locale, { numeric: true }).compare;
    this.sort();
  }

  /** Reads it, where that is not done yet. */
  load(): Promise<void> {
    if (this.phase === "ready") return Promise.resolve();
    return (this.loading ??= this.read().finally(() => (this.loading = null)));
  }

  /** Reads it anew, where somebody has wanted it: much has changed, or the PBX was away. */
  async refresh(): Promise<void> {
    if (this.phase === "idle") return;
    if (this.loading) {
      this.again = true;
      return this.loading;
    }
    return (this.loading = this.read().finally(() => (this.loading = null)));
  }

  happened({ id, contact }: PhonebookChanged): void {
    if (id === 0) void this.refresh();
    else {
      this.meanwhile?.set(id, contact);
      if (this.phase !== "idle") this.put(id, contact);
    }
  }

  get(id: number): Contact | undefined {
    return this.byId.get(id);
  }

  /** Those of a book that answer a question; all of it where nothing is asked. */
  find(question: string, book: Wanted = "all"): readonly Contact[] {
    const found = question.trim() ? this.index.find(question) : this.contacts;
    return book === "all" ? found : found.filter((contact) => contact.book === book);
  }

  mayChange({ book }: Contact): boolean {
    return book === "private" || this.writes;
  }

  /** Raises what the PBX refuses. */
  async add(draft: Draft): Promise<Contact> {
    return this.kept((await this.ask<{ contact: Contact }>("phonebook/add", draft)).contact);
  }

  /** Raises `conflict` where somebody else has changed it since `revision`. */
  async update(id: number, revision: number, draft: Draft): Promise<Contact> {
    return this.kept((await this.ask<{ contact: Contact }>("phonebook/update", { id, revision, ...draft })).contact);
  }

  async remove(id: number): Promise<void> {
    await this.ask("phonebook/remove", { id });
    this.put(id, null);
  }

  /** As it is in the PBX now; undefined where it is gone. */
  async fresh(id: number): Promise<Contact | undefined> {
    const { contacts } = await this.ask<{ contacts: Contact[] }>("phonebook/list", { after: id - 1, limit: 1 });
    const found = contacts.find((contact) => contact.id === id);
    this.put(id, found ?? null);
    return found;
  }

  private kept(contact: Contact): Contact {
    this.put(contact.id, contact);
    return contact;
  }

  private async read(): Promise<void> {
    if (this.phase !== "ready") this.phase = "loading";
    this.changed();
    void this.askRights();
    try {
      do {
        this.again = false;
        this.meanwhile = new Map();
        const read = new Map<number, Contact>();
        let after: number | null = 0;
        while (after !== null && !this.again) {
          const page: { contacts: Contact[]; next: number | null } = await this.ask("phonebook/list", { ...(after ? { after } : {}), limit: PAGE });
          for (const contact of page.contacts) read.set(contact.id, this.same(contact));
          after = page.next;
        }
        if (this.again) continue;
        for (const [id, contact] of this.meanwhile) contact ? read.set(id, contact) : read.delete(id);
        this.byId = read;
      } while (this.again);
      this.phase = "ready";
      this.problem = "";
      this.sort();
    } catch (error) {
      this.problem = refusal(error).message;
      if (this.phase !== "ready") this.phase = "failed";
    }
    this.meanwhile = null;
    this.changed();
  }

  private async askRights(): Promise<void> {
    try {
      this.writes = (await this.ask<{ phonebook?: boolean }>("user/rights")).phonebook ?? false;
      this.changed();
    } catch {
      // The PBX refuses what is not allowed anyway.
    }
  }

  /** The one we have where nothing has changed, so that it need not be made searchable again. */
  private same(contact: Contact): Contact {
    const old = this.byId.get(contact.id);
    return old !== undefined && old.revision === contact.revision && old.book === contact.book ? old : contact;
  }

  private put(id: number, contact: Contact | null): void {
    const old = this.byId.get(id);
    if (old === undefined && contact === null) return;
    // An answer may come after the event of a change that is newer.
    if (old && contact && old.revision > contact.revision) return;
    const contacts = old ? this.contacts.filter((each) => each !== old) : [...this.contacts];
    this.byId.delete(id);
    if (contact) {
      this.byId.set(id, contact);
      contacts.splice(this.place(contacts, contact), 0, contact);
    }
    this.contacts = contacts;
    this.index.fill(contacts);
    this.changed();
  }

  private place(contacts: readonly Contact[], contact: Contact): number {
    let [low, high] = [0, contacts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.before(contacts[middle] as Contact, contact) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private sort(): void {
    this.contacts = [...this.byId.values()].sort((a, b) => this.before(a, b));
    this.index.fill(this.contacts);
  }

  /** By name, of two of one name the private one first. */
  private before(a: Contact, b: Contact): number {
    return this.compare(a.name, b.name) || Number(a.book === "company") - Number(b.book === "company") || a.id - b.id;
  }
}

function textsOf(contact: Contact): string[] {
  const { name, first, last, company, email, numbers } = contact;
  return [`${name} ${name.includes(first) ? "" : first} ${name.includes(last) ? "" : last}`, name === company ? "" : company, email, ...numbers.map(({ number }) => number)];
}

/** What stands above a name in a list by name: its first letter, `#` for all that begin with none. */
export function letterOf(name: string): string {
  const [letter = ""] = name.normalize("NFD").trim().toLocaleUpperCase();
  return /\p{L}/u.test(letter) ? letter : "#";
}

/** What an empty form begins with. */
export function emptyDraft(book: Book, number = "", name = ""): Draft {
  const [last = "", ...before] = name.trim().split(/\s+/).reverse();
  return {
    book, first: before.reverse().join(" "), last, company: "", email: "", note: "",
    numbers: [{ label: "mobile", number }],
  };
}

export function draftOf(contact: Contact): Draft {
  const { book, first, last, company, numbers, email, note } = contact;
  return { book, first, last, company, email, note, numbers: numbers.map((each) => ({ ...each })) };
}

export type Fault = "nameless" | "numberless" | "number" | "email";

const NUMBER = /^[+*#\d][\d\s()/.*#-]*$/;

/** What is wrong with what was filled in, by field: `number.2` is the third number. */
export function faultsOf(draft: Draft): Map<string, Fault> {
  const faults = new Map<string, Fault>();
  if (![draft.first, draft.last, draft.company].some((text) => text.trim())) faults.set("name", "nameless");
  draft.numbers.forEach(({ number }, index) => {
    const typed = number.trim();
    if (typed && !(NUMBER.test(typed) && /\d/.test(typed))) faults.set(`number.${index}`, "number");
  });
  if (!draft.email.trim() && !draft.numbers.some(({ number }) => number.trim())) faults.set("number.0", "numberless");
  if (draft.email.trim() && !/^[^\s@]+@[^\s@]+$/.test(draft.email.trim())) faults.set("email", "email");
  return faults;
}

/** As it is sent: without spaces around and without empty numbers. */
export function tidied(draft: Draft): Draft {
  const trim = (text: string): string => text.trim();
  return {
    ...draft, first: trim(draft.first), last: trim(draft.last), company: trim(draft.company), email: trim(draft.email), note: trim(draft.note),
    numbers: draft.numbers.map(({ label, number }) => ({ label, number: trim(number) })).filter(({ number }) => number),
  };
}

/** The fields in which two differ, for who has to choose between them. */
export function differences(mine: Draft, theirs: Draft): (keyof Draft)[] {
  const keys = ["first", "last", "company", "numbers", "email", "note"] as const;
  return keys.filter((key) => JSON.stringify(mine[key]) !== JSON.stringify(theirs[key]));
}
