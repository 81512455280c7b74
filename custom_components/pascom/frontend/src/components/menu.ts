/** What opens beside a button, or from below on a phone: choices one after the other, or a small form. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { shared } from "./style";

/** Pages narrower than this show it from below. */
const NARROW = 600;
const GAP = 8;

@customElement("pascom-menu")
export class Menu extends LitElement {
  @property() label = "";
  /** A form stays until it is closed; of choices one is enough. */
  @property({ type: Boolean }) form = false;
  @query("dialog") private readonly dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    css`
      :host { display: contents; }
      dialog { position: fixed; margin: 0; padding: 4px; border: 1px solid var(--line); border-radius: var(--small); background: var(--card); color: var(--text); box-shadow: var(--raised); min-width: 240px; max-width: min(360px, calc(100vw - 16px)); max-height: calc(100vh - 16px); overflow: auto; font: inherit; }
      dialog::backdrop { background: none; }
      .sheet { inset: auto 0 0 0; width: 100vw; max-width: none; max-height: 85vh; border-radius: 16px 16px 0 0; border-width: 1px 0 0; padding-block-end: calc(12px + var(--safe-area-inset-bottom, env(safe-area-inset-bottom))); animation: rise 0.16s ease-out; }
      .sheet::backdrop { background: rgba(0, 0, 0, 0.45); }
      .title { padding: 8px 12px; font-weight: 500; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
      @keyframes rise { from { transform: translateY(40%); opacity: 0.4; } }
    `,
  ];

  show(anchor: Element): void {
    if (this.dialog.open) return;
    const sheet = innerWidth < NARROW;
    this.dialog.className = sheet ? "sheet" : "";
    this.dialog.removeAttribute("style");
    this.dialog.showModal();
    if (!sheet) this.place(anchor.getBoundingClientRect());
    this.items[0]?.focus();
  }

  close(): void {
    this.dialog?.close();
  }

  protected override render(): TemplateResult {
    return html`<dialog aria-label=${this.label} @click=${this.clicked} @keydown=${this.key} @close=${() => this.dispatchEvent(new CustomEvent("closed"))}>
      <div class="title" aria-hidden="true">${this.label}</div>
      <div role=${this.form ? "group" : "menu"} aria-label=${this.label}><slot></slot></div>
    </dialog>`;
  }

  /** Below the button and as wide as it wants, but on the page. */
  private place(beside: DOMRect): void {
    const { offsetWidth: width, offsetHeight: height } = this.dialog;
    const rtl = getComputedStyle(this).direction === "rtl";
    // A form begins where its button does, choices end there.
    const wanted = rtl === this.form ? beside.right - width : beside.left;
    const left = Math.max(GAP, Math.min(wanted, innerWidth - width - GAP));
    const below = beside.bottom + 4;
    const top = below + height + GAP <= innerHeight ? below : Math.max(GAP, beside.top - height - 4);
    Object.assign(this.dialog.style, { left: `${left}px`, top: `${top}px` });
  }

  private get items(): HTMLElement[] {
    const slotted = this.shadowRoot?.querySelector("slot")?.assignedElements({ flatten: true }) ?? [];
    return slotted.flatMap((each) => [each, ...each.querySelectorAll("*")]).filter((each): each is HTMLElement => each.matches("button:not(:disabled), input, select, [tabindex]"));
  }

  private readonly clicked = (event: MouseEvent): void => {
    const chosen = event.composedPath().some((each) => each instanceof HTMLElement && each.matches("button, [role=menuitem]"));
    if (event.target === this.dialog || (chosen && !this.form)) this.close();
  };

  private readonly key = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || this.form) return;
    event.preventDefault();
    const { items } = this;
    const root = this.getRootNode() as ShadowRoot | Document;
    const at = items.indexOf(root.activeElement as HTMLElement);
    items[(at + step + items.length) % items.length]?.focus();
  };
}
