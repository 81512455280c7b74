/** What rings while nobody sees this tab is told by the browser itself: who it is, until it rings no more. */

export interface Ringing {
  /** The same for all tabs of a browser, so that it is shown once. */
  tag: string;
  title: string;
  text: string;
  icon: string;
}

export interface Screen {
  hidden(): boolean;
  /** Shows it; a press on it brings this tab to the front.  The result takes it away. */
  show(ringing: Ringing): () => void;
}

export class HiddenNotices {
  private readonly shown = new Map<string, () => void>();

  constructor(
    private readonly screen: Screen,
    private readonly wanted: () => boolean,
  ) {}

  /** Called whenever something may have begun or ended to ring. */
  look(ringing: readonly Ringing[]): void {
    const wanted = this.wanted() && this.screen.hidden() ? ringing : ringing.filter(({ tag }) => this.shown.has(tag) && this.screen.hidden());
    for (const [tag, close] of [...this.shown]) {
      if (wanted.some((each) => each.tag === tag)) continue;
      close();
      this.shown.delete(tag);
    }
    for (const each of wanted) if (!this.shown.has(each.tag)) this.shown.set(each.tag, this.screen.show(each));
  }
}

export const BROWSER_SCREEN: Screen = {
  hidden: () => document.hidden || !document.hasFocus(),
  show: ({ tag, title, text, icon }) => {
    if (!("Notification" in globalThis) || Notification.permission !== "granted") return () => undefined;
    try {
      const notice = new Notification(title, { body: text, tag, requireInteraction: true, silent: true, ...(icon ? { icon } : {}) });
      notice.onclick = () => {
        window.focus();
        notice.close();
      };
      return () => notice.close();
    } catch {
      // Phones show them by service workers alone; there the app's own notification comes.
      return () => undefined;
    }
  },
};

/** Whether this browser shows any, or would after it was asked. */
export function noticesHere(): NotificationPermission | "never" {
  return "Notification" in globalThis && globalThis.isSecureContext ? Notification.permission : "never";
}
