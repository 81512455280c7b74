/** Names of numbers, as the phonebooks have them for who looks: asked for together, and kept until the books change. */

import type { Ask } from "./link";

const TOGETHER = 200;
const KEPT = 10_000;

export class Names {
  private readonly known = new Map<string, string>();
  private wanted = new Set<string>();
  private waiting = false;

  constructor(
    private readonly ask: Ask,
    private readonly changed: () => void,
    private readonly later: (work: () => void) => void = (work) => void setTimeout(work, 30),
  ) {}

  /** Empty where nobody is known; what is not known yet is asked for. */
  of(number: string): string {
    if (!/\d/.test(number)) return "";
    const name = this.known.get(number);
    if (name === undefined) this.want(number);
    return name ?? "";
  }

  /** The books have changed. */
  forget(): void {
    this.known.clear();
    this.changed();
  }

  private want(number: string): void {
    this.wanted.add(number);
    if (this.waiting) return;
    this.waiting = true;
    this.later(() => void this.fetch());
  }

  private async fetch(): Promise<void> {
    const numbers = [...this.wanted].slice(0, TOGETHER);
    for (const number of numbers) this.wanted.delete(number);
    let names: Record<string, string> = {};
    try {
      ({ names = {} } = await this.ask<{ names: Record<string, string> }>("phonebook/names", { numbers }));
    } catch {
      // Without names the numbers stand there; they are asked for again once the books change.
    }
    if (this.known.size > KEPT) this.known.clear();
    for (const number of numbers) this.known.set(number, names[number] ?? "");
    this.waiting = false;
    if (numbers.some((number) => names[number])) this.changed();
    for (const number of this.wanted) this.want(number);
  }
}
