/** What a person prefers on whatever device they are: Home Assistant keeps it. */

import type { Preferences } from "./wire";

export type Tell = <T = object>(command: string, fields?: object) => Promise<T>;

const DEFAULTS: Preferences = {
  notifications: { door: true, call: true, missed: true, voicemail: true, critical: false },
  picture: "", texts: [], away_after: 0, seen: "",
};
/** Own texts that are offered again; Home Assistant takes twenty. */
export const MOST_TEXTS = 12;
export const LONGEST_TEXT = 60;

export class Preferred {
  value: Preferences = DEFAULTS;
  private asking: Promise<void> | null = null;

  constructor(
    private readonly tell: Tell,
    private readonly changed: () => void,
  ) {}

  /** Once; a Home Assistant that knows none leaves it as it is. */
  load(): Promise<void> {
    return (this.asking ??= this.read().catch(() => void (this.asking = null)));
  }

  /** Raises what Home Assistant refuses. */
  async change(changes: Omit<Partial<Preferences>, "notifications"> & { notifications?: Partial<Preferences["notifications"]> }): Promise<void> {
    this.take((await this.tell<{ preferences: Preferences }>("preferences/set", { changes })).preferences);
  }

  /** The text is offered again from now on, first of all. */
  async remember(text: string): Promise<void> {
    const { texts } = this.value;
    if (text && texts[0] !== text) await this.change({ texts: [text, ...texts.filter((each) => each !== text)].slice(0, MOST_TEXTS) });
  }

  /** The journal is looked at: what was missed until now is seen, by Home Assistant's clock. */
  async look(): Promise<void> {
    this.take((await this.tell<{ preferences: Preferences }>("preferences/seen")).preferences);
  }

  async forget(text: string): Promise<void> {
    await this.change({ texts: this.value.texts.filter((each) => each !== text) });
  }

  private async read(): Promise<void> {
    this.take((await this.tell<{ preferences: Preferences }>("preferences/get")).preferences);
  }

  /** What counts from now on; another device may have said so. */
  take(value: Preferences): void {
    this.value = { ...DEFAULTS, ...value };
    this.changed();
  }
}
