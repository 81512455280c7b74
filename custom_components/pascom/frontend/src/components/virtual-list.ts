/** A long list of which only what is in sight is on the page, with a heading before each group. */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { Layout } from "../data/layout";
import { Place } from "./place";

/** Pixels that are drawn before and after what is in sight, so that a quick finger sees no holes. */
const BEYOND = 720;
/** Rows before the end at which more of them are asked for. */
const SOON = 150;

/** For whoever has a list in it: it draws among their styles. */
export const virtual = css`
  pascom-virtual-list { display: block; flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; overscroll-behavior: contain; overflow-anchor: none; padding: 1px 16px 16px; }
  pascom-virtual-list > .rows { position: relative; max-width: 760px; margin-inline: auto; background: var(--ha-card-background, var(--card)); border-radius: var(--radius); box-shadow: 0 0 0 1px var(--ha-card-border-color, var(--line)); }
  pascom-virtual-list > .rows > [role="listitem"] { position: absolute; inset-inline: 0; top: 0; padding-inline: 4px; contain: layout style; display: flex; flex-direction: column; justify-content: flex-end; }
  pascom-virtual-list .row { content-visibility: visible; }
  pascom-virtual-list h2, pascom-virtual-list .above { margin: 0; padding: 12px 12px 4px; font-size: 14px; font-weight: 500; color: var(--faint); line-height: 20px; height: 36px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
  pascom-virtual-list > .stuck { position: sticky; top: -1px; z-index: 1; height: 0; max-width: 760px; margin-inline: auto; pointer-events: none; }
  pascom-virtual-list .above { background: var(--ha-card-background, var(--card)); padding-inline: 16px; }
  /* A phone has no room for edges. */
  @media (max-width: 699px) {
    pascom-virtual-list { padding: 0 0 16px; }
    pascom-virtual-list > .rows { background: none; box-shadow: none; }
    pascom-virtual-list .above { background: var(--page); }
  }
  pascom-virtual-list .above::first-letter, pascom-virtual-list h2::first-letter { text-transform: uppercase; }
`;

export const HEADING = 36;

@customElement("pascom-virtual-list")
export class VirtualList<T = any> extends LitElement {
  @property({ attribute: false }) items: readonly T[] = [];
  @property({ attribute: false }) row!: (item: T, index: number) => TemplateResult;
  /** By what an item is known when the list has changed. */
  @property({ attribute: false }) key: (item: T) => unknown = (item) => item;
  /** Items of one group follow each other; what its heading says is asked only of those in sight. */
  @property({ attribute: false }) group: (item: T) => unknown = () => "";
  @property({ attribute: false }) heading: ((item: T) => string) | null = null;
  @property({ type: Number }) rowHeight = 64;
  @property() label = "";
  /** Under which name its place is kept while one is elsewhere. */
  @property() place = "";
  /** There are more than these: `wanted` is told when they are about to be seen. */
  @property({ type: Boolean }) unended = false;
  /** Whatever else rows show; when it is another one they are drawn anew. */
  @property({ attribute: false }) also: unknown = null;
  @state() private first = 0;
  @state() private last = 0;
  private layout = new Layout(0, () => 0);
  private shown = 0;
  private told: readonly T[] | null = null;
  private held: unknown = undefined;
  private read: Place | null = null;
  private readonly sizes = new ResizeObserver(() => this.look());

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
    this.addEventListener("scroll", this.look, { passive: true });
    this.addEventListener("keydown", this.pressed);
    this.addEventListener("focusin", this.focused);
    this.addEventListener("focusout", this.left);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    this.removeEventListener("scroll", this.look);
    this.removeEventListener("keydown", this.pressed);
    this.removeEventListener("focusin", this.focused);
    this.removeEventListener("focusout", this.left);
  }

  /** To the top again, as for another question. */
  begin(): void {
    this.scrollTop = 0;
  }

  /** Puts the cursor into a row: the first of its buttons, or the one of this place. */
  async reach(index: number, place = 0): Promise<void> {
    if (index < 0 || index >= this.items.length) return;
    const [top, bottom] = [this.layout.top(index), this.layout.top(index + 1)];
    if (top < this.scrollTop + HEADING) this.scrollTop = top - HEADING;
    else if (bottom > this.scrollTop + this.clientHeight) this.scrollTop = bottom - this.clientHeight + 8;
    this.look();
    await this.updateComplete;
    const buttons = this.buttons(index);
    (buttons[place] ?? buttons[0])?.focus({ preventScroll: true });
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("items") && !changed.has("rowHeight")) return;
    const before = (changed.get("items") as readonly T[] | undefined) ?? [];
    const kept = this.scrollTop > 0 && before.length ? this.layout.at(this.scrollTop) : -1;
    const off = kept >= 0 ? this.scrollTop - this.layout.top(kept) : 0;
    this.layout = new Layout(this.items.length, (index) => this.rowHeight + (this.headed(index) ? HEADING : 0));
    // What is read stays where it is when something new comes above it.
    const now = kept >= 0 ? this.placeOf(this.key(before[kept] as T), kept, this.items.length - before.length) : -1;
    const wanted = now >= 0 ? this.layout.top(now) + off : this.scrollTop;
    this.measure(wanted);
    if (now >= 0 && wanted !== this.scrollTop)
      void this.updateComplete.then(() => {
        this.scrollTop = wanted;
      });
  }

  protected override render(): TemplateResult {
    const indices = Array.from({ length: Math.max(0, this.last - this.first) }, (_, index) => this.first + index);
    const held = this.held === undefined ? -1 : this.placeOf(this.held, this.first, 0);
    if (held >= 0 && held < this.first) indices.unshift(held);
    else if (held >= this.last) indices.push(held);
    const size = this.unended ? -1 : this.items.length;
    const top = this.items[this.layout.at(this.shown)];
    return html`${this.heading && top !== undefined && this.shown > 0 ? html`<div class="stuck" aria-hidden="true"><div class="above">${this.heading(top)}</div></div>` : nothing}
      <div class="rows" role="list" aria-label=${this.label || nothing} style="height:${this.layout.height}px">
        ${repeat(indices, (index) => this.key(this.items[index] as T), (index) => {
          const item = this.items[index] as T;
          return html`<div role="listitem" aria-setsize=${size} aria-posinset=${index + 1} data-index=${index}
            style="transform:translateY(${this.layout.top(index)}px);height:${this.layout.top(index + 1) - this.layout.top(index)}px">
            ${this.heading && this.headed(index) ? html`<h2>${this.heading(item)}</h2>` : nothing}${this.row(item, index)}
          </div>`;
        })}
      </div>`;
  }

  protected override updated(): void {
    if (this.items.length) (this.read ??= new Place(this.place)).find(this);
    if (this.unended && this.told !== this.items && this.last > this.items.length - SOON) {
      this.told = this.items;
      this.dispatchEvent(new CustomEvent("wanted"));
    }
  }

  private headed(index: number): boolean {
    if (this.heading === null) return false;
    return index === 0 || this.group(this.items[index] as T) !== this.group(this.items[index - 1] as T);
  }

  private readonly look = (): void => this.measure(this.scrollTop);

  private measure(top: number): void {
    const height = this.clientHeight || 800;
    const [first, last] = this.layout.between(top - BEYOND, top + height + BEYOND);
    // Only where a row has come or gone is anything drawn; a scrolled page alone is the browser's work.
    const over = this.layout.at(top) !== this.layout.at(this.shown) || top > 0 !== this.shown > 0;
    this.shown = top;
    if (first !== this.first || last !== this.last) [this.first, this.last] = [first, last];
    else if (over) this.requestUpdate();
  }

  /** Where an item is now that was at `near`, or moved by what was added before it. */
  private placeOf(key: unknown, near: number, moved: number): number {
    const at = (index: number): boolean => index >= 0 && index < this.items.length && this.key(this.items[index] as T) === key;
    if (at(near)) return near;
    if (at(near + moved)) return near + moved;
    for (let step = 1; step < 1000; step += 1) {
      if (at(near + step)) return near + step;
      if (at(near - step)) return near - step;
    }
    return -1;
  }

  private buttons(index: number): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(`[data-index="${index}"] :is(button, a[href])`)];
  }

  private rowOf(event: Event): HTMLElement | null {
    return (event.composedPath()[0] as HTMLElement).closest?.<HTMLElement>("[data-index]") ?? null;
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    const row = this.rowOf(event);
    if (row === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const index = Number(row.dataset.index);
    const page = Math.max(1, Math.floor(this.clientHeight / this.rowHeight) - 1);
    const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -index, End: this.items.length - 1 - index };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const place = this.buttons(index).indexOf(event.composedPath()[0] as HTMLElement);
    const wanted = Math.max(0, Math.min(this.items.length - 1, index + step));
    if (index + step < 0 && event.key === "ArrowUp") this.dispatchEvent(new CustomEvent("above"));
    else void this.reach(wanted, Math.max(0, place));
  };

  /** The row that has the cursor stays on the page, however far one scrolls. */
  private readonly focused = (event: FocusEvent): void => {
    const row = this.rowOf(event);
    if (row) this.held = this.key(this.items[Number(row.dataset.index)] as T);
  };

  private readonly left = (): void => {
    this.held = undefined;
  };
}
