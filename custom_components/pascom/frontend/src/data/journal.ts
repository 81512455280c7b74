/** Calls of the past, page by page, newest first. */

import type { Ask } from "./link";
import { sought, type Sought } from "./search";
import type { JournalEntry } from "./wire";

export type Way = "in" | "out" | "missed";

export interface Past {
  id: number;
  way: Way;
  name: string;
  number: string;
  at: string;
  seconds: number;
  by: string;
  reason: string;
  sought: Sought;
}

/** An entry as `me` sees it. */
export function past(entry: JournalEntry, me: string): Past {
  const out = entry.caller_user === me && entry.caller_user !== "";
  const missed = !out && entry.outcome !== "answered";
  const name = out ? entry.callee_name : entry.caller_name;
  const number = out ? entry.number : entry.caller;
  return {
    id: entry.id, way: out ? "out" : missed ? "missed" : "in", name, number, at: entry.at, seconds: entry.seconds,
    by: entry.answered_by, reason: entry.outcome === "answered" ? "" : entry.reason, sought: sought(name, number),
  };
}

const PAGE = 50;

export class Journal {
  entries: readonly Past[] = [];
  ended = false;
  private next: number | null = null;
  private asking: Promise<void> | null = null;

  constructor(
    private readonly ask: Ask,
    private readonly me: () => string,
  ) {}

  /** From the newest on again. */
  async refresh(): Promise<void> {
    await this.asking;
    const { entries, next } = await this.page(null);
    this.entries = entries;
    this.next = next;
    this.ended = next === null;
  }

  more(): Promise<void> {
    if (this.ended || this.next === null) return Promise.resolve();
    return (this.asking ??= this.further().finally(() => (this.asking = null)));
  }

  private async further(): Promise<void> {
    const { entries, next } = await this.page(this.next);
    this.entries = [...this.entries, ...entries];
    this.next = next;
    this.ended = next === null;
  }

  private async page(before: number | null): Promise<{ entries: Past[]; next: number | null }> {
    const me = this.me();
    const fields = { limit: PAGE, ...(before === null ? {} : { before }), ...(me ? { user: me } : {}) };
    const { entries, next } = await this.ask<{ entries: JournalEntry[]; next: number | null }>("journal/list", fields);
    return { entries: entries.map((entry) => past(entry, me)), next };
  }
}
