/** Several tabs of one browser: one rings for all, who begins to talk puts the others on hold, and then nobody rings aloud. */

export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** A tab that was closed says nothing more; the others say how they are again and again. */
export const REPEAT = 5;
const FORGOTTEN = 3 * REPEAT * 1000;

/** How well a tab can be heard: whether somebody pressed anything there, without which browsers are mute, and when it was last in front. */
export interface Voice {
  allowed: boolean;
  seen: number;
}

interface Said {
  tab: string;
  talks: boolean;
  /** The calls it talks in. */
  calls: string[];
  voice: Voice;
  /** It is closed. */
  gone?: boolean;
}

export class Tabs {
  /** Another tab began to talk, in these calls. */
  onTaken: (calls: readonly string[]) => void = () => undefined;
  /** Which one rings may be another one now. */
  onChange: () => void = () => undefined;
  private mine: readonly string[] = [];
  private talksNow = false;
  private readonly heard = new Map<string, Said & { at: number }>();

  constructor(
    private readonly tab: string,
    private readonly channel: Channel | null,
    private readonly now: () => number,
    private readonly voice: () => Voice = () => ({ allowed: true, seen: 0 }),
  ) {
    if (channel) channel.onmessage = ({ data }) => this.hear(data as Said);
    this.say();
  }

  get talking(): boolean {
    return this.others.some(({ talks }) => talks);
  }

  /** Whether another tab rings for this one. */
  get ringing(): boolean {
    const mine = { tab: this.tab, voice: this.voice() };
    return this.others.some((other) => louder(other, mine));
  }

  talks(talks: boolean, calls: readonly string[] = []): void {
    if (talks === this.talksNow && calls.join() === this.mine.join()) return;
    this.talksNow = talks;
    this.mine = calls;
    this.say();
  }

  /** Every `REPEAT` seconds, and when this tab came to the front. */
  repeat(): void {
    this.say();
  }

  close(): void {
    this.say(true);
  }

  private get others(): (Said & { at: number })[] {
    return [...this.heard.values()].filter(({ at }) => this.now() - at < FORGOTTEN);
  }

  private say(gone = false): void {
    const said: Said = { tab: this.tab, talks: this.talksNow, calls: [...this.mine], voice: this.voice(), gone };
    this.channel?.postMessage(said);
  }

  private hear(said: Said): void {
    if (said.tab === this.tab) return;
    const before = this.others.find(({ tab }) => tab === said.tab);
    if (said.gone) this.heard.delete(said.tab);
    else this.heard.set(said.tab, { ...said, at: this.now() });
    // Who is new hears of the others at once.
    if (!before && !said.gone) this.say();
    if (said.talks && !before?.talks) this.onTaken(said.calls);
    this.onChange();
  }
}

function louder(one: Pick<Said, "tab" | "voice">, other: Pick<Said, "tab" | "voice">): boolean {
  if (one.voice.allowed !== other.voice.allowed) return one.voice.allowed;
  if (one.voice.seen !== other.voice.seen) return one.voice.seen > other.voice.seen;
  return one.tab > other.tab;
}
