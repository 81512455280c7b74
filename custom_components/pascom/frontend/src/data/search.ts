/** Search by parts of words in any order: `And Muster` finds Max-Andreas Mustermann. */

/** Letters that are no letter with a mark, as people type them who have no such key. */
const LETTERS: Record<string, string> = { ß: "ss", đ: "dj", ł: "l", ø: "o", æ: "ae", œ: "oe", ð: "d", þ: "th", ı: "i" };
const UMLAUTS: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue", å: "aa", ø: "oe" };
const BETWEEN = /[\s,;:.()/'"„“”«»@-]+/u;
const GAPS = new RegExp(BETWEEN, "gu");

/** Lower case, without accents and marks, so that `Müller` is found by `muller` and `mueller`. */
export function folded(text: string): string {
  return text
    .toLowerCase()
    .replace(/[ßđłøæœðþı]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize("NFD")
    .replace(/\p{M}/gu, "");
}

/** Words one after the other, each after a space; then the digits of each text. */
export type Sought = string;

/** What is searched of one entry, made once. */
export function sought(...texts: string[]): Sought {
  const all = texts.filter(Boolean).join(" ").toLowerCase().normalize("NFC");
  const plain = words(all);
  const other = words(all.replace(/[äöüåø]/g, (letter) => UMLAUTS[letter] ?? letter));
  const numbers = texts.map(digits).filter(Boolean);
  return [plain, other === plain ? "" : other, ...numbers.map((number) => ` ${number}`)].filter(Boolean).join("\n");
}

function words(text: string): string {
  return ` ${folded(text).replace(GAPS, " ").trim()}`;
}

/** A number as it is dialled: digits, and a plus before them. */
export function digits(text: string): string {
  const found = text.replace(/[^\d+]/g, "");
  return found === "+" ? "" : found;
}

/** What is typed as a number, as it is sought; empty where it is a name.  `0049` is `+49`. */
export function numberSought(question: string): string {
  const number = question.replace(/[\s()/.-]/g, "");
  return /^\+?\d+$/.test(number) ? number.replace(/^00(?=\d)/, "+") : "";
}

/** What has to be in an entry, each part as one of its spellings. */
function parts(question: string): readonly (readonly string[])[] {
  const number = numberSought(question);
  // The zero before an area code is missing where the country stands before it.
  if (number) return [number.startsWith("0") && number.length > 4 ? [number, number.slice(1)] : [number]];
  return folded(question).split(BETWEEN).filter(Boolean).map((part) => [part]);
}

/** A question as the function that says whether an entry answers it; every part has to be in it somewhere. */
export function asked(question: string): (entry: Sought) => boolean {
  const wanted = parts(question);
  return (entry) => wanted.every((spellings) => spellings.some((part) => entry.includes(part)));
}

/** Whether all that is asked begins words of the entry: such are what one has in mind. */
export function begins(question: string): (entry: Sought) => boolean {
  const wanted = parts(question).map((spellings) => spellings.map((part) => ` ${part}`));
  return (entry) => wanted.every((spellings) => spellings.some((part) => entry.includes(part)));
}

/** Many things that are searched while one types: each is made ready once, and a longer question looks where the shorter one found. */
export class Index<T extends object> {
  private readonly ready = new WeakMap<T, Sought>();
  private items: readonly T[] = [];
  private last: { question: string; found: readonly T[] } = { question: "", found: [] };

  constructor(private readonly texts: (item: T) => string[]) {}

  /** In the order in which they are shown; what was there before is not made ready again. */
  fill(items: readonly T[]): void {
    if (items === this.items) return;
    this.items = items;
    this.last = { question: "", found: items };
  }

  /** All that answer, those first whose words begin as is asked. */
  find(question: string): readonly T[] {
    const wanted = question.trim();
    if (!wanted) return [];
    const answers = asked(wanted);
    const narrower = this.last.question !== "" && wanted.startsWith(this.last.question) && numberSought(wanted) === "" && numberSought(this.last.question) === "";
    const found = (narrower ? this.last.found : this.items).filter((item) => answers(this.soughtOf(item)));
    this.last = { question: wanted, found };
    const first = begins(wanted);
    const best: T[] = [];
    const others: T[] = [];
    for (const item of found) (first(this.soughtOf(item)) ? best : others).push(item);
    return [...best, ...others];
  }

  private soughtOf(item: T): Sought {
    let made = this.ready.get(item);
    if (made === undefined) this.ready.set(item, (made = sought(...this.texts(item))));
    return made;
  }
}
