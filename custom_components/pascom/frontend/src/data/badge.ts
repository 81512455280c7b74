/** How much is new, for who looks elsewhere: before the title of the tab, and at the symbol of an installed page. */

export interface Sign {
  title: string;
  /** Calls the listener when anybody else changed the title. */
  follow(listener: () => void): void;
  symbol(count: number): void;
}

const OURS = /^\(\d+\+?\) /;
const MOST = 99;

export class Badge {
  private count = 0;
  private follows = false;

  constructor(private readonly sign: Sign) {}

  show(count: number): void {
    if (count === this.count) return;
    this.count = count;
    this.sign.symbol(count);
    this.write();
    if (this.follows) return;
    this.follows = true;
    this.sign.follow(() => this.write());
  }

  private write(): void {
    const { count, sign } = this;
    const bare = sign.title.replace(OURS, "");
    const title = count ? `(${count > MOST ? `${MOST}+` : count}) ${bare}` : bare;
    if (title !== sign.title) sign.title = title;
  }
}

export const BROWSER_SIGN: Sign = {
  get title() {
    return document.title;
  },
  set title(title) {
    document.title = title;
  },
  follow: (listener) => new MutationObserver(listener).observe(document.head, { childList: true, characterData: true, subtree: true }),
  symbol: (count) => {
    const page = navigator as { setAppBadge?: (count: number) => Promise<void> };
    void page.setAppBadge?.(count).catch(() => undefined);
  },
};
