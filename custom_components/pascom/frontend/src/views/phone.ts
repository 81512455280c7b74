/** The telephone: what runs, or a field and keys to call by. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import "../components/call-view";
import { Part } from "../components/element";
import { icon, mdiBackspaceOutline, mdiHistory, mdiPhone } from "../components/icons";
import "../components/keypad";
import "../components/number-field";
import type { NumberField } from "../components/number-field";
import { shared } from "../components/style";
import { troubleText } from "../components/trouble";
import { canSpeak } from "../data/engine/sound";
import { t } from "../data/texts";

@customElement("pascom-phone")
export class Phone extends Part {
  @property() number = "";
  @query("pascom-number-field") private readonly field!: NumberField | null;

  static override styles = [
    shared,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; overflow-y: auto; background: var(--card); }
      pascom-call-view { flex: 1; }
      .dial { display: grid; gap: 20px; padding: 16px; width: 100%; max-width: 420px; margin: auto; align-content: center; }
      .go { display: flex; justify-content: center; align-items: center; gap: 24px; }
      .go .green { width: 68px; height: 68px; border-radius: 50%; }
      .go .green .icon { width: 30px; height: 30px; }
      @media (max-width: 599px) { .dial { margin-block-end: 0; } }
      @media (max-height: 720px) { .dial { gap: 12px; --key: 52px; --between: 8px; } }
      @media (max-height: 480px) {
        .dial { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 12px 24px; max-width: 760px; padding-block: 8px; align-items: center; }
        pascom-keypad { grid-area: 1 / 2 / span 4; }
        .go .green { width: 60px; height: 60px; }
      }
    `,
  ];

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    if (this.house.engine.lines.some((line) => line.phase !== "ringing" && !line.door)) this.number = "";
  }

  protected override render(): TemplateResult {
    if (this.house.engine.lines.some((line) => line.phase !== "ringing" && !(line.door && line.phase === "ended")))
      return html`<pascom-call-view .house=${this.house}></pascom-call-view>`;
    const { choices, store } = this.house;
    const phones = (store.user(store.me.user)?.devices ?? []).filter(({ kind }) => kind !== "browser");
    return html`<div class="dial">
      ${canSpeak() ? nothing : html`<p class="notice" role="status">${troubleText("insecure")}</p>`}
      <pascom-number-field plain .house=${this.house} .label=${t("name_or_number")} .value=${this.number}
        @typed=${({ detail }: CustomEvent<string>) => (this.number = detail)}
        @chosen=${({ detail }: CustomEvent<string>) => this.dial(detail)}></pascom-number-field>
      <pascom-keypad @key=${({ detail }: CustomEvent<string>) => (this.number += detail)}></pascom-keypad>
      <div class="go">
        <button class="round" aria-label=${t("redial")} title=${choices.last ? `${t("redial")}: ${choices.last}` : t("redial")} ?disabled=${!choices.last} @click=${() => (this.number = choices.last)}>${icon(mdiHistory)}</button>
        <button class="green" aria-label=${t("call")} title=${t("call")} ?disabled=${!this.number.trim()} @click=${() => this.dial(this.field?.number() ?? this.number)}>${icon(mdiPhone)}</button>
        <button class="round" aria-label=${t("delete")} title=${t("delete")} ?disabled=${!this.number} @click=${() => (this.number = [...this.number].slice(0, -1).join(""))}>${icon(mdiBackspaceOutline)}</button>
      </div>
      ${phones.length
        ? html`<label class="with">${t("call_with")}
            <select class="field" @change=${(event: Event) => this.house.choose({ outgoing: (event.target as HTMLSelectElement).value })}>
              <option value="browser" ?selected=${choices.outgoing === "browser"} ?disabled=${!canSpeak()}>${t("this_browser")}</option>
              ${phones.map((phone) => html`<option value=${phone.name} ?selected=${choices.outgoing === phone.name}>${phone.name}${phone.registered ? "" : ` (${t("unavailable")})`}</option>`)}
            </select></label>`
        : nothing}
    </div>`;
  }

  private dial(number: string): void {
    this.number = "";
    void this.house.dial(number);
  }
}
