/** What went wrong, in the user's language: the PBX and Home Assistant say which sentence it is, and what stands in it. */

import { Vocabulary } from "./texts";
import english from "../translations/faults/en.json";

export type Fault = keyof typeof english;

const { t } = new Vocabulary(english, import.meta.glob(["../translations/faults/*.json", "!**/en.json"]));

/** An error as it crosses; the keys are those of Home Assistant's own translations. */
export interface Crossed {
  code?: string;
  message?: string;
  translation_key?: string;
  translation_placeholders?: Record<string, string>;
}

/** The sentence of an error; as it came where there are no words for it. */
export function inWords({ message = "", translation_key: key = "", translation_placeholders: values = {} }: Crossed): string {
  const reason = key.replace(/^pbx_/, "");
  return reason in english ? whole(t(reason as Fault, values)) : sentenceInWords(message);
}

/** A sentence of the PBX that came alone, as within another: known by what it says. */
export function sentenceInWords(said: string): string {
  for (const [reason, pattern] of (patterns ??= compiled())) {
    const found = pattern.exec(said);
    if (found) return whole(t(reason, found.groups));
  }
  return said;
}

let patterns: readonly [Fault, RegExp][] | undefined;

function compiled(): [Fault, RegExp][] {
  const pattern = (sentence: string): RegExp =>
    new RegExp(`^${sentence.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>.+?)")}$`, "s");
  return Object.entries(english).map(([reason, sentence]) => [reason as Fault, pattern(sentence)]);
}

/** A field's name before it is the PBX's own; sentences begin with a capital and have an end. */
export function whole(text: string): string {
  const said = text.replace(/^[a-z_]+: (?=\S)/, "");
  return /[.!?]$/.test(said) || !said ? capital(said) : `${capital(said)}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
