/** A dialog over everything: in the middle of the screen, on a phone from below.  `closed` tells that it is gone. */

import { css, html, nothing, type TemplateResult } from "lit";
import { query } from "lit/decorators.js";
import { t } from "../data/texts";
import { Part } from "./element";
import { icon, mdiClose } from "./icons";

export const dialogs = css`
  dialog { border: 0; padding: 0; margin: auto; color: var(--text); background: var(--card); border-radius: max(var(--radius), min(24px, var(--radius) * 2)); width: min(560px, calc(100vw - 32px)); max-width: none; max-height: min(88dvh, 860px); box-shadow: var(--ha-box-shadow-l, 0 8px 40px rgba(0, 0, 0, 0.4)); overflow: hidden; }
  dialog[open] { display: flex; flex-direction: column; animation: appear 0.16s ease-out; }
  dialog::backdrop { background: rgba(0, 0, 0, 0.4); }
  @keyframes appear { from { opacity: 0; transform: translateY(12px); } }
  dialog > header { display: flex; align-items: center; gap: 4px; flex: none; padding: 12px 12px 4px 24px; min-height: 60px; }
  dialog > header h2 { flex: 1; min-width: 0; margin: 0; font-size: 24px; font-weight: 400; line-height: 1.2; color: var(--text); overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: -webkit-match-parent; text-align: match-parent; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
  dialog > .body { flex: 1; min-height: 0; overflow-y: auto; padding: 8px 24px 20px; overscroll-behavior: contain; }
  dialog > footer { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 8px; flex: none; padding: 12px 16px 16px; border-block-start: 1px solid var(--line); }
  dialog > footer button { font-size: 14px; font-weight: 500; padding: 0 20px; }
  dialog > footer button:has(.icon) { padding-inline-start: 14px; }
  dialog > footer .apart { margin-inline-end: auto; }
  dl { display: grid; grid-template-columns: minmax(84px, max-content) 1fr; gap: 10px 16px; margin: 12px 0; }
  dt { color: var(--faint); font-size: 14px; padding-top: 2px; }
  dd { margin: 0; min-width: 0; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: -webkit-match-parent; text-align: match-parent; }
  @media (max-width: 599px) {
    dialog { width: 100vw; margin-block-end: 0; border-end-start-radius: 0; border-end-end-radius: 0; max-height: calc(100dvh - 24px); }
    dialog > footer { padding-block-end: calc(16px + var(--safe-area-inset-bottom, env(safe-area-inset-bottom))); }
  }
`;

export abstract class Dialog extends Part {
  @query("dialog") protected readonly dialog!: HTMLDialogElement;

  protected abstract headline(): string;
  protected abstract body(): TemplateResult;

  /** The buttons below; none where nothing is returned. */
  protected foot(): TemplateResult | typeof nothing {
    return nothing;
  }

  /** Buttons beside the headline. */
  protected head(): TemplateResult | typeof nothing {
    return nothing;
  }

  /** Whether it may be left by a click beside it or by Escape: not where something typed would be lost. */
  protected get loose(): boolean {
    return true;
  }

  close(): void {
    this.dialog.close();
  }

  protected override render(): TemplateResult {
    return html`<dialog aria-labelledby="headline" @close=${this.gone} @click=${this.beside} @cancel=${this.escaped}>
      <header><h2 id="headline">${this.headline()}</h2>${this.head()}
        <button class="round" aria-label=${t("close")} title=${t("close")} @click=${() => this.close()}>${icon(mdiClose)}</button></header>
      <div class="body">${this.body()}</div>
      ${this.foot()}
    </dialog>`;
  }

  protected override firstUpdated(): void {
    this.dialog.showModal();
    this.renderRoot.querySelector<HTMLElement>("[autofocus]")?.focus();
  }

  private readonly gone = (event: Event): void => {
    if (event.target === this.dialog) this.dispatchEvent(new CustomEvent("closed"));
  };

  private readonly beside = (event: MouseEvent): void => {
    if (event.target === this.dialog && this.loose) this.close();
  };

  private readonly escaped = (event: Event): void => {
    if (!this.loose) event.preventDefault();
  };
}
