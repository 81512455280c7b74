/** How far one had read, so that the way back leads there; a page that is loaded anew begins at the top. */

const places = new Map<string, number>();

export class Place {
  private known = false;

  constructor(private readonly key: string) {}

  /** Once there is something to read: goes where one was. */
  find(scroller: HTMLElement | null): void {
    if (this.known || scroller === null || !this.key) return;
    this.known = true;
    const at = places.get(this.key) ?? 0;
    // Parts draw themselves after what holds them.
    if (at) requestAnimationFrame(() => (scroller.scrollTop = at));
    scroller.addEventListener("scroll", () => places.set(this.key, scroller.scrollTop), { passive: true });
  }
}
