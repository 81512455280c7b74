/** Phonebooks as files: read as whoever wrote them meant it, and cut into pieces that the PBX takes one after the other. */

import type { Ask } from "./link";
import type { Imported } from "./phonebook";
import type { Book } from "./wire";

export type FileFormat = "vcard" | "csv";
/** A FRITZ!Box saves its phonebook as XML. */
export type ReadFormat = FileFormat | "fritzbox";

/** Characters of one piece: small enough that one sees it go on, large enough that it goes quickly. */
const PIECE = 120_000;
/** Faults that are shown; the rest are only counted. */
const MOST_FAULTS = 200;
export const MOST_BYTES = 20_000_000;

export interface Piece {
  data: string;
  /** Lines of the file before it, so that a fault is found again. */
  before: number;
}

/** What became of a file so far. */
export type Sum = { -readonly [Key in keyof Imported]: Imported[Key] } & { faults: { line: number; text: string }[] };

/** Text of a file: UTF-8 or UTF-16, else what Windows and old Outlooks write. */
export function decoded(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** By what is in it, since names of files lie. */
export function formatOf(text: string): ReadFormat {
  if (/^\s*(?:<\?xml|<phonebooks)/i.test(text)) return "fritzbox";
  return /^\s*BEGIN:VCARD/i.test(text) ? "vcard" : "csv";
}

/** A file in pieces of whole contacts; each piece of a CSV file has its head line, and XML stays whole. */
export function pieces(text: string, format: ReadFormat, size = PIECE): Piece[] {
  if (format === "fritzbox") return [{ data: text, before: 0 }];
  const records = format === "vcard" ? cards(text) : rows(text);
  const head = format === "csv" ? (records.shift() ?? "") : "";
  const headLines = lines(head);
  const found: Piece[] = [];
  let [data, before, at] = ["", headLines, headLines];
  for (const record of records) {
    if (data && data.length + record.length > size) {
      found.push({ data: head + data, before: before - headLines });
      [data, before] = ["", at];
    }
    data += record;
    at += lines(record);
  }
  if (data.trim()) found.push({ data: head + data, before: before - headLines });
  return found;
}

export interface Progress {
  done: number;
  all: number;
}

/** Sends a file piece by piece and adds up in `sum` what became of it, also where it stops.  Raises what the PBX refuses. */
export async function importText(ask: Ask, book: Book, text: string, sum: Sum, told: (progress: Progress) => void): Promise<void> {
  const format = formatOf(text);
  const all = pieces(text, format);
  for (const [index, { data, before }] of all.entries()) {
    told({ done: index, all: all.length });
    const answer = await ask<Imported>("phonebook/import", { book, format, data });
    sum.added += answer.added;
    sum.changed += answer.changed;
    sum.same += answer.same;
    for (const fault of answer.faults) if (sum.faults.length < MOST_FAULTS) sum.faults.push({ ...fault, line: fault.line + before });
  }
  told({ done: all.length, all: all.length });
}

function lines(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/** Up to and with each END:VCARD. */
function cards(text: string): string[] {
  return text.match(/[\s\S]*?^END:VCARD[^\S\r\n]*(?:\r\n|\r|\n|$)|[\s\S]+$/gim)?.filter((each) => each) ?? [];
}

/** Rows of a CSV file; a quoted field may go over lines. */
function rows(text: string): string[] {
  return text.match(/(?:"(?:[^"]|"")*"|[^"\r\n]|"(?=[^"]*$))+(?:\r\n|\r|\n|$)|\r\n|\r|\n/g) ?? [];
}
