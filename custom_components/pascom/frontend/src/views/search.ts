/** One field over everything: contacts and the journal. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import { Part } from "../components/element";
import { icon, mdiMagnify, mdiPhone } from "../components/icons";
import { pastRow } from "../components/past-row";
import { entries, found, type Entry } from "../components/people";
import { rows, shared } from "../components/style";
import { Journal } from "../data/journal";
import { asked } from "../data/search";
import { t } from "../data/texts";
import { ways } from "./journal";

const MOST = 40;

@customElement("pascom-search")
export class Search extends Part {
  @state() private question = "";
  @query("input") private readonly input!: HTMLInputElement;
  private journal: Journal | null = null;

  static override styles = [
    shared,
    rows,
    faces,
    ways,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; }
      .find { position: relative; padding: 12px; width: 100%; max-width: 784px; margin-inline: auto; }
      .find .icon { position: absolute; inset-inline-start: 28px; inset-block-start: 24px; color: var(--faint); pointer-events: none; }
      .find .field { padding-inline-start: 48px; }
      .list { flex: 1; overflow-y: auto; padding: 0 4px 16px; }
      .list > div { max-width: 760px; margin-inline: auto; }
    `,
  ];

  protected override arrived(): void {
    this.journal ??= new Journal(this.house.ask, () => this.house.store.me.user);
    void this.journal.refresh().then(() => this.requestUpdate(), () => undefined);
  }

  protected override firstUpdated(): void {
    this.input.focus();
  }

  protected override render(): TemplateResult {
    const question = this.question.trim();
    const people = question ? found(entries(this.house.store), question).slice(0, MOST) : [];
    const answers = asked(question);
    const past = question ? (this.journal?.entries ?? []).filter((each) => answers(each.sought)).slice(0, MOST) : [];
    return html`<div class="find" role="search" aria-label=${t("search")}>${icon(mdiMagnify)}
        <input class="field" type="search" autocomplete="off" aria-label=${t("search")} placeholder=${t("search_hint")} .value=${this.question} @input=${this.typed} />
      </div>
      <div class="list" aria-live="polite"><div>
        ${people.length ? html`<h2>${t("contacts")}</h2>${people.map((entry) => this.row(entry))}` : nothing}
        ${past.length ? html`<h2>${t("journal")}</h2>${past.map((each) => pastRow(this.house, each))}` : nothing}
        ${question && !people.length && !past.length ? html`<p class="empty">${t("nothing_found")}</p>` : nothing}
        ${question ? nothing : html`<p class="empty">${t("search_example")}</p>`}
      </div></div>`;
  }

  private row(entry: Entry): TemplateResult {
    const show = (): void => void this.dispatchEvent(new CustomEvent("show", {
      detail: entry.kind === "door" ? { door: entry.name } : { number: entry.number }, bubbles: true, composed: true,
    }));
    return html`<div class="row">
      <button class="what" @click=${show}>${face(entry.title, { presence: entry.presence, symbol: entry.symbol })}
        <span><span class="name" style="display:block">${entry.title}</span><span class="more" style="display:block">${entry.line} · ${entry.number}</span></span></button>
      ${entry.kind === "door" || !entry.number ? nothing : html`<button class="round call" aria-label=${t("call_name", { name: entry.title })} title=${t("call")} @click=${() => void this.house.dial(entry.number, entry.title)}>${icon(mdiPhone)}</button>`}
    </div>`;
  }

  private readonly typed = ({ target }: InputEvent): void => {
    this.question = (target as HTMLInputElement).value;
    // Who searches wants what is older, too: page by page, while they type.
    if (this.question.length > 2) void this.journal?.more().then(() => this.requestUpdate(), () => undefined);
  };
}
