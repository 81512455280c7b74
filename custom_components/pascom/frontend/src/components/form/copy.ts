/** Something to be carried into a device: shown in a row that copies it. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { t } from "../../data/admin/texts";
import { icon, mdiCheck, mdiContentCopy } from "../icons";
import { shared } from "../style";

@customElement("pascom-copy")
export class Copy extends LitElement {
  @property() label = "";
  @property() value = "";
  @state() private copied = false;

  static override styles = [
    shared,
    css`
      :host { display: flex; align-items: center; gap: 8px; min-height: 52px; border-block-end: 1px solid var(--line); }
      :host(:last-of-type) { border-block-end: 0; }
      div { flex: 1; min-width: 0; }
      small { display: block; font-size: 14px; color: var(--faint); }
      code { font: 500 16px/1.4 var(--code-font-family, ui-monospace, monospace); overflow-wrap: anywhere; user-select: all; }
      button.done { color: var(--good); }
    `,
  ];

  protected override render(): TemplateResult {
    const name = t("copy_what", { what: this.label });
    return html`<div><small>${this.label}</small><code dir="ltr">${this.value}</code></div>
      <button class="round ${this.copied ? "done" : ""}" aria-label=${name} title=${name} @click=${this.copy}>${icon(this.copied ? mdiCheck : mdiContentCopy)}</button>
      <span class="hidden" role="status">${this.copied ? t("copied") : ""}</span>`;
  }

  private readonly copy = async (): Promise<void> => {
    // Without a secure context browsers have no clipboard: what is marked can be copied by hand.
    await navigator.clipboard?.writeText(this.value).catch(() => this.mark());
    if (!navigator.clipboard) this.mark();
    this.copied = true;
    setTimeout(() => (this.copied = false), 2000);
  };

  private mark(): void {
    const code = this.renderRoot.querySelector("code");
    if (!code) return;
    getSelection()?.selectAllChildren(code);
    document.execCommand("copy");
  }
}
