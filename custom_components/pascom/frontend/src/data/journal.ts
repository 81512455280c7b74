/** What was: calls of the past and what happened at doors, one after the other, page by page, newest first. */

import { judged, type Quality } from "./engine/quality";
import type { Ask } from "./link";
import type { JournalEntry, LineQuality, VisitEntry } from "./wire";

export type Way = "in" | "out" | "missed" | "ring" | "opening";
/** What is shown of it. */
export type Shown = "all" | "in" | "out" | "missed" | "doors";

export interface Past {
  /** Of calls `c` and their id, of doors `v`. */
  key: string;
  id: number;
  way: Way;
  /** Of the other side, as the PBX knew it then. */
  name: string;
  number: string;
  /** Who the other side is, where it is one of us. */
  user: string;
  at: string;
  time: number;
  /** Year, month and day where one is: what one heading stands above. */
  day: number;
  seconds: number;
  by: string;
  /** Why nothing came of it. */
  reason: string;
  outcome: string;
  door: string;
  button: string;
  /** The ring that an opening belongs to. */
  ring: string;
  /** There is a picture of who rang. */
  pictured: boolean;
  quality: Quality | null;
  lines: readonly LineQuality[];
}

const NOTHING = { name: "", number: "", user: "", seconds: 0, by: "", reason: "", outcome: "", door: "", button: "", ring: "", pictured: false, quality: null, lines: [] } as const;

function moment(at: string): { at: string; time: number; day: number } {
  const date = new Date(at);
  return { at, time: date.getTime(), day: (date.getFullYear() * 16 + date.getMonth()) * 32 + date.getDate() };
}

/** A call as `me` sees it. */
export function past(entry: JournalEntry, me: string): Past {
  const out = entry.caller_user === me && entry.caller_user !== "";
  const answered = entry.outcome === "answered";
  return {
    ...NOTHING, ...moment(entry.at),
    key: `c${entry.id}`, id: entry.id, way: out ? "out" : answered ? "in" : "missed",
    name: out ? entry.callee_name : entry.caller_name,
    number: out ? entry.number : entry.caller,
    user: out ? entry.callee_user : entry.caller_user,
    seconds: entry.seconds, by: entry.answered_by, reason: answered ? "" : entry.reason, outcome: entry.outcome,
    lines: entry.quality ?? [], quality: worst(entry.quality ?? []),
  };
}

/** Somebody at a door, or a door that was opened. */
export function visit(entry: VisitEntry): Past {
  return {
    ...NOTHING, ...moment(entry.at),
    key: `v${entry.id}`, id: entry.id, way: entry.kind, door: entry.door, button: entry.button, by: entry.by,
    reason: entry.error, outcome: entry.outcome, ring: entry.ring ?? "", pictured: entry.picture,
  };
}

const ORDER: readonly Quality[] = ["good", "fair", "poor"];
const BEGIN = { received: 0, lost: 0, jitter: 0, roundTrip: null };

/** What the side that heard worst would say. */
export function worst(lines: readonly LineQuality[]): Quality | null {
  let found = -1;
  for (const { received, lost, jitter, round_trip: trip } of lines) {
    const quality = judged(BEGIN, { received, lost, jitter: jitter / 1000, roundTrip: trip === null ? null : trip / 1000 });
    if (quality !== null) found = Math.max(found, ORDER.indexOf(quality));
  }
  return ORDER[found] ?? null;
}

/** Entries of the first page, which is there at once, and of the others. */
const FIRST = 100;
const PAGE = 400;

function extent(before: number | null): { limit: number; before?: number } {
  return before === null ? { limit: FIRST } : { limit: PAGE, before };
}

interface Page {
  entries: Past[];
  next: number | null;
}

/** One kind of what was, as far as it is read. */
class Stream {
  entries: readonly Past[] = [];
  next: number | null = null;
  ended = false;

  constructor(private readonly page: (before: number | null) => Promise<Page>) {}

  /** Until when all of it is known. */
  get until(): number {
    return this.ended ? -Infinity : (this.entries.at(-1)?.time ?? Infinity);
  }

  /** What is new; all else stays, unless too much has happened to know what lies between. */
  async refresh(): Promise<void> {
    const { entries, next } = await this.page(null);
    const known = this.entries;
    const oldest = entries.at(-1)?.id ?? 0;
    if (known.length && next !== null && oldest <= (known[0]?.id ?? 0)) this.entries = entries.concat(known.filter(({ id }) => id < oldest));
    else [this.entries, this.next, this.ended] = [entries, next, next === null];
  }

  async more(): Promise<void> {
    if (this.ended || this.next === null) return;
    const { entries, next } = await this.page(this.next);
    [this.entries, this.next, this.ended] = [this.entries.concat(entries), next, next === null];
  }
}

export class Journal {
  entries: readonly Past[] = [];
  /** It is read to its end. */
  ended = false;
  /** It has been read at all. */
  ready = false;
  private readonly streams: readonly Stream[];
  private asking: Promise<void> = Promise.resolve();
  private busy = false;
  /** How much of each kind is merged. */
  private merged: [number, number] = [0, 0];

  constructor(ask: Ask, me: () => string, shown: Shown = "all") {
    const calls = async (before: number | null): Promise<Page> => {
      const user = me();
      const way = shown === "all" || shown === "doors" ? {} : { way: shown };
      const { entries, next } = await ask<{ entries: JournalEntry[]; next: number | null }>("journal/list", {
        ...extent(before), ...(user ? { user, ...way } : {}),
      });
      return { entries: entries.map((entry) => past(entry, user)), next };
    };
    const visits = async (before: number | null): Promise<Page> => {
      const { entries, next } = await ask<{ entries: VisitEntry[]; next: number | null }>("door/log", extent(before));
      return { entries: entries.map(visit), next };
    };
    this.streams = [...(shown === "doors" ? [] : [new Stream(calls)]), ...(shown === "all" || shown === "doors" ? [new Stream(visits)] : [])];
  }

  /** What has come since. */
  refresh(): Promise<void> {
    return this.inTurn(async () => {
      await Promise.all(this.streams.map((stream) => stream.refresh()));
      [this.entries, this.merged] = [[], [0, 0]];
    });
  }

  /** What was before. */
  more(): Promise<void> {
    if (this.busy || this.ended) return this.asking;
    const latest = Math.max(...this.streams.map(({ until }) => until));
    return this.inTurn(() => Promise.all(this.streams.filter(({ until }) => until === latest).map((stream) => stream.more())));
  }

  private inTurn(work: () => Promise<unknown>): Promise<void> {
    const run = async (): Promise<void> => {
      this.busy = true;
      try {
        await work();
        this.merge();
      } finally {
        this.busy = false;
      }
    };
    return (this.asking = this.asking.then(run, run));
  }

  private merge(): void {
    this.ready = true;
    this.ended = this.streams.every(({ ended }) => ended);
    const [one, other] = this.streams;
    if (one === undefined || other === undefined) {
      this.entries = one?.entries ?? [];
      return;
    }
    // Before this moment one kind is not known yet, and may lie between what is known of the other.
    const until = Math.max(one.until, other.until);
    const more: Past[] = [];
    let [a, b] = this.merged;
    for (;;) {
      const [first, second] = [one.entries[a], other.entries[b]];
      const next = first && (!second || first.time >= second.time) ? first : second;
      if (next === undefined || next.time < until) break;
      more.push(next);
      if (next === first) a += 1;
      else b += 1;
    }
    this.merged = [a, b];
    this.entries = this.entries.concat(more);
  }
}

/** Searches the calls of the past in the PBX while one types: one question at a time, and then the newest. */
export class PastSearch {
  found: readonly Past[] = [];
  private wanted = "";
  private answered = "";
  private asking = false;

  constructor(
    private readonly ask: Ask,
    private readonly me: () => string,
    private readonly changed: () => void,
    private readonly most = 40,
  ) {}

  /** Whether what was found is what is wanted. */
  get done(): boolean {
    return this.answered === this.wanted;
  }

  for(question: string): void {
    this.wanted = question.trim().slice(0, 64);
    if (!this.wanted) {
      this.found = [];
      this.answered = "";
    } else if (!this.asking) void this.run();
  }

  private async run(): Promise<void> {
    this.asking = true;
    while (this.wanted && this.wanted !== this.answered) {
      const { wanted } = this;
      const user = this.me();
      let found: Past[] = [];
      try {
        const { entries } = await this.ask<{ entries: JournalEntry[] }>("journal/list", { number: wanted, limit: this.most, ...(user ? { user } : {}) });
        found = entries.map((entry) => past(entry, user));
      } catch {
        // Contacts are found without the PBX, too.
      }
      this.answered = wanted;
      if (this.wanted) {
        this.found = found;
        this.changed();
      }
    }
    this.asking = false;
  }
}

/** How many calls were missed since somebody last looked; `since` is a time as the journal has it.  What rang on meanwhile was missed at its end. */
export async function missedSince(ask: Ask, user: string, since: string): Promise<number> {
  const { entries } = await ask<{ entries: JournalEntry[] }>("journal/list", { user, way: "missed", limit: 100 });
  const after = Date.parse(since);
  return entries.filter(({ at, ended_at: end }) => Date.parse(end ?? at) > after).length;
}
