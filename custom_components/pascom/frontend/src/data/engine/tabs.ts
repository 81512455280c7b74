/** Several tabs of one browser: while one talks the others do not ring aloud, and who begins to talk puts the others on hold. */

export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** A tab that was closed says nothing more; one that talks says so again and again. */
export const REPEAT = 5;
const FORGOTTEN = 3 * REPEAT * 1000;

interface Said {
  tab: string;
  talks: boolean;
}

export class Tabs {
  /** Another tab began to talk. */
  onTaken: () => void = () => undefined;
  private mine = false;
  private readonly heard = new Map<string, number>();

  constructor(
    private readonly tab: string,
    private readonly channel: Channel | null,
    private readonly now: () => number,
  ) {
    if (channel) channel.onmessage = ({ data }) => this.hear(data as Said);
  }

  get talking(): boolean {
    return [...this.heard.values()].some((at) => this.now() - at < FORGOTTEN);
  }

  talks(talks: boolean): void {
    if (talks === this.mine) return;
    this.mine = talks;
    this.say();
  }

  /** Every `REPEAT` seconds. */
  repeat(): void {
    if (this.mine) this.say();
  }

  private say(): void {
    this.channel?.postMessage({ tab: this.tab, talks: this.mine } satisfies Said);
  }

  private hear({ tab, talks }: Said): void {
    if (tab === this.tab) return;
    const known = this.heard.has(tab) && this.now() - (this.heard.get(tab) ?? 0) < FORGOTTEN;
    if (talks) this.heard.set(tab, this.now());
    else this.heard.delete(tab);
    if (talks && !known) this.onTaken();
  }
}
