/** What somebody changes of a record, against what it was when they looked: nobody overwrites another's work unasked. */

import { refusal } from "../link";
import { byField } from "./faults";
import type { Seen } from "./wire";

export type Outcome = "saved" | "refused" | "conflict";

export interface Difference<T> {
  key: keyof T & string;
  mine: unknown;
  theirs: unknown;
}

export class Draft<T extends object> {
  values: T;
  theirs: Seen<T> | null = null;
  /** By field, what is wrong with it; what belongs to none is under "". */
  faults: Record<string, string> = {};
  saving = false;
  private base: T;
  private revision: string;

  constructor({ settings, revision }: Seen<T>) {
    this.base = settings;
    this.values = settings;
    this.revision = revision;
  }

  set(changes: Partial<T>): void {
    this.values = { ...this.values, ...changes };
    for (const key of Object.keys(changes)) delete this.faults[key];
  }

  get changes(): Partial<T> {
    const changed = keys(this.values).filter((key) => !same(this.values[key], this.base[key]));
    return Object.fromEntries(changed.map((key) => [key, this.values[key]])) as Partial<T>;
  }

  get changed(): boolean {
    return Object.keys(this.changes).length > 0;
  }

  /** Where both changed the same thing to something else; empty where the two fit together. */
  get differences(): Difference<T>[] {
    const { theirs } = this;
    if (theirs === null) return [];
    return keys(this.changes as T)
      .filter((key) => !same(theirs.settings[key], this.base[key]) && !same(theirs.settings[key], this.values[key]))
      .map((key) => ({ key, mine: this.values[key], theirs: theirs.settings[key] }));
  }

  /** `send` what changed; where somebody else was first, `again` tells what they made of it. */
  async save(send: (changes: Partial<T>, revision: string) => Promise<unknown>, again: () => Promise<Seen<T>>): Promise<Outcome> {
    this.saving = true;
    this.faults = {};
    try {
      await send(this.changes, this.revision);
      return "saved";
    } catch (error) {
      const { code, english } = refusal(error);
      const now = code === "conflict" ? await again().catch(() => null) : null;
      if (now === null || now.revision === this.revision) {
        this.faults = byField(english, keys(this.values));
        return "refused";
      }
      return this.collide(now, send);
    } finally {
      this.saving = false;
    }
  }

  /** What was changed elsewhere is no trouble where it is none of ours; a PBX that began anew counts from the start. */
  private async collide(now: Seen<T>, send: (changes: Partial<T>, revision: string) => Promise<unknown>): Promise<Outcome> {
    this.theirs = now;
    if (this.differences.length) return "conflict";
    this.keepMine();
    try {
      await send(this.changes, this.revision);
      return "saved";
    } catch (error) {
      this.faults = byField(refusal(error).english, keys(this.values));
      return "refused";
    }
  }

  takeTheirs(): void {
    if (this.theirs === null) return;
    this.base = this.values = this.theirs.settings;
    this.revision = this.theirs.revision;
    this.theirs = null;
    this.faults = {};
  }

  /** Ours over theirs, and of what we did not touch theirs. */
  keepMine(): void {
    if (this.theirs === null) return;
    const { changes } = this;
    this.base = this.theirs.settings;
    this.values = { ...this.base, ...changes };
    this.revision = this.theirs.revision;
    this.theirs = null;
  }
}

function keys<T extends object>(of: T): (keyof T & string)[] {
  return Object.keys(of) as (keyof T & string)[];
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
