/** Search by parts of words in any order: `And Muster` finds Max-Andreas Mustermann. */

/** Lower case, without accents and marks, so that `Müller` is found by `muller` and `mueller`. */
export function folded(text: string): string {
  return text
    .toLocaleLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("đ", "dj")
    .normalize("NFD")
    .replace(/\p{M}/gu, "");
}

const UMLAUTS: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue" };

export type Sought = string;

/** What is searched of one entry, made once. */
export function sought(...texts: string[]): Sought {
  const all = texts.filter(Boolean).join(" ");
  const spelled = all.toLocaleLowerCase().replace(/[äöü]/g, (letter) => UMLAUTS[letter] ?? letter);
  const plain = folded(all);
  const other = folded(spelled);
  const digits = all.replace(/[^\d+]/g, "");
  return [plain, other === plain ? "" : other, digits].filter(Boolean).join("\n");
}

/** A question as the function that says whether an entry answers it; every part has to be in it somewhere. */
export function asked(question: string): (entry: Sought) => boolean {
  const number = question.replace(/[\s()/.-]/g, "");
  const parts = /^\+?\d+$/.test(number) ? [number] : folded(question).split(/[\s,;]+/).filter(Boolean);
  return (entry) => parts.every((part) => entry.includes(part));
}
