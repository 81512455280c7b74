/** A field for a name or a number that offers what fits while one types. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { PastSearch } from "../data/journal";
import { t } from "../data/texts";
import { face, faces } from "./avatar";
import { Part } from "./element";
import { icon, mdiPhone } from "./icons";
import { offersOf, type Offer } from "./offers";
import { rows, shared } from "./style";

/** Rows, and calls of the past that may give some. */
const MOST = 7;
const MOST_PAST = 12;

@customElement("pascom-number-field")
export class NumberField extends Part {
  @property() label = "";
  @property() value = "";
  @property({ type: Boolean }) plain = false;
  /** It does not take the cursor by itself. */
  @property({ type: Boolean }) calm = false;
  /** Of the button beside the field. */
  @property() symbol = mdiPhone;
  /** Numbers that are not offered: of whom one speaks with already. */
  @property({ attribute: false }) besides: readonly string[] = [];
  @state() private chosen = -1;
  private past: PastSearch | null = null;

  static override styles = [
    shared,
    rows,
    faces,
    css`
      :host { display: block; }
      .with { display: flex; gap: 8px; align-items: center; }
      .search { min-height: 48px; padding: 0 16px; }
      .list { margin-top: 4px; max-height: 300px; overflow: auto; }
      .row { width: 100%; }
      .row .text { min-width: 0; }
      .row .text .more { font-size: 13px; line-height: 1.2; }
    `,
  ];

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!changed.has("value") || (!this.value.trim() && this.past === null)) return;
    void this.house.phonebook.load();
    this.past ??= new PastSearch(this.house.ask, () => this.house.store.me.user, () => this.requestUpdate(), MOST_PAST);
    this.past.for(this.value);
  }

  protected override render(): TemplateResult {
    const matches = this.offers;
    return html`<div class="with">
        <input class="search" type="text" enterkeyhint="go" autocomplete="off" autocapitalize="off" spellcheck="false" dir="auto" .value=${this.value}
          aria-label=${this.label} placeholder=${this.label} role="combobox" aria-expanded=${matches.length > 0} aria-controls="matches" aria-autocomplete="list"
          aria-activedescendant=${this.chosen >= 0 ? `match-${this.chosen}` : nothing}
          @input=${(event: InputEvent) => this.typed((event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => this.key(event, matches)} />
        ${this.plain ? nothing : html`<button class="round green" aria-label=${this.label} ?disabled=${!this.value.trim()} @click=${() => this.choose(this.number(matches))}>${icon(this.symbol)}</button>`}
      </div>
      ${matches.length
        ? html`<div class="list" role="listbox" id="matches" aria-label=${t("matches")}>
            ${matches.map((offer, index) => html`<button class="row slim ${index === this.chosen ? "chosen" : ""}" role="option" id="match-${index}" aria-selected=${index === this.chosen} tabindex="-1" @click=${() => this.choose(offer.number)}>
              ${face(offer.title, { presence: offer.presence, symbol: offer.symbol, picture: offer.picture, size: "slim" })}
              <span class="what text"><span class="name"><bdi>${offer.title}</bdi></span><span class="more">${offer.line ? `${offer.line} · ` : ""}<bdi dir="ltr">${offer.number}</bdi></span></span>${offer.said ? html`<span class="hidden">${offer.said}</span>` : nothing}
            </button>`)}
          </div>`
        : nothing}`;
  }

  protected override firstUpdated(): void {
    if (!this.plain && !this.calm) this.renderRoot.querySelector("input")?.focus();
  }

  private get offers(): readonly Offer[] {
    if (!this.value.trim()) return [];
    const { besides } = this;
    return offersOf(this.house, this.value, this.past?.found ?? [], MOST + besides.length).filter(({ number }) => !besides.includes(number)).slice(0, MOST);
  }

  private typed(value: string): void {
    this.value = value;
    this.chosen = -1;
    this.dispatchEvent(new CustomEvent("typed", { detail: value }));
  }

  private key(event: KeyboardEvent, matches: readonly Offer[]): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.chosen = Math.max(-1, Math.min(matches.length - 1, this.chosen + step));
    } else if (event.key === "Enter" && this.value.trim()) this.choose(this.number(matches));
    else if (event.key === "Escape") this.typed("");
  }

  /** What was chosen; else what was typed where it is a number; else the first that fits. */
  number(matches: readonly Offer[] = this.offers): string {
    const typed = this.value.trim();
    if (this.chosen >= 0) return matches[this.chosen]?.number ?? typed;
    return /^[\d+*#()\s/.-]+$/.test(typed) ? typed.replace(/[()\s/.-]/g, "") : (matches[0]?.number ?? typed);
  }

  private choose(number: string): void {
    if (!number) return;
    this.dispatchEvent(new CustomEvent("chosen", { detail: number }));
    this.value = "";
    this.chosen = -1;
  }
}
