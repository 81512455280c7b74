/** The picture of somebody who rang, fetched when it comes into sight; a press shows it large. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { t } from "../data/texts";
import { icon, mdiBell, mdiClose } from "./icons";
import { shared } from "./style";

@customElement("pascom-visitor")
export class VisitorPicture extends LitElement {
  @property() label = "";
  /** Its address, empty where there is none any more. */
  @property({ attribute: false }) fetch: () => Promise<string> = () => Promise.resolve("");
  @state() private url = "";
  @query("dialog") private readonly dialog!: HTMLDialogElement;
  private readonly sight = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && void this.seen(), { rootMargin: "200px" });

  static override styles = [
    shared,
    css`
      :host { display: block; flex: none; width: var(--visitor-width, 104px); aspect-ratio: 4 / 3; }
      :host([small]) { width: 44px; height: 44px; aspect-ratio: auto; }
      .small { width: 100%; height: 100%; padding: 0; min-height: 0; border-radius: var(--small); overflow: hidden; background: color-mix(in srgb, var(--text) 7%, transparent); color: var(--faint); }
      img { display: block; width: 100%; height: 100%; object-fit: cover; }
      dialog { border: 0; padding: 0; background: #101418; border-radius: var(--radius); max-width: 96vw; max-height: 92vh; overflow: hidden; }
      dialog::backdrop { background: rgba(0, 0, 0, 0.75); }
      dialog img { width: min(92vw, 960px); height: auto; max-height: 88vh; object-fit: contain; }
      dialog button { position: absolute; inset-block-start: 8px; inset-inline-end: 8px; background: rgba(0, 0, 0, 0.6); color: #fff; }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sight.disconnect();
  }

  protected override render(): TemplateResult {
    if (!this.url) return html`<span class="small" style="display:grid;place-items:center">${icon(mdiBell)}</span>`;
    return html`<button class="small" aria-label=${this.label} title=${this.label} @click=${() => this.dialog.showModal()}><img src=${this.url} alt="" /></button>
      <dialog aria-label=${this.label} @click=${() => this.dialog.close()}><img src=${this.url} alt=${this.label} /><button class="round" aria-label=${t("close")}>${icon(mdiClose)}</button></dialog>`;
  }

  private async seen(): Promise<void> {
    this.sight.disconnect();
    this.url = await this.fetch().catch(() => "");
  }
}
