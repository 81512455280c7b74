/** The panel's texts in the language of Home Assistant; English is there at once, others are fetched. */

import english from "../translations/en.json";

export type Key = keyof typeof english;
export type Texts = Record<Key, string>;

export const LANGUAGES: Record<string, () => Promise<{ default: Texts }>> = {
  de: () => import("../translations/de.json"),
  fr: () => import("../translations/fr.json"),
  nl: () => import("../translations/nl.json"),
  sr: () => import("../translations/sr.json"),
  bar: () => import("../translations/bar.json"),
};

let texts: Texts = english;

export async function speak(language: string): Promise<void> {
  const found = LANGUAGES[language] ?? LANGUAGES[language.split("-")[0] ?? ""];
  texts = found ? (await found()).default : english;
}

/** The text of this key; `{name}` and its like are replaced. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
