/** One field over everything: contacts, phonebooks and the journal. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import { contactLine, contactRow } from "../components/contact-row";
import { Part } from "../components/element";
import { icon, mdiMagnify, mdiPhone } from "../components/icons";
import { tj } from "../components/journal-texts";
import { nameOf, pastRow, ways } from "../components/past-row";
import { entries, found, type Entry } from "../components/people";
import { rows, shared } from "../components/style";
import "../dialogs/past";
import { PastSearch, type Past } from "../data/journal";
import { t } from "../data/texts";
import type { Contact } from "../data/wire";

/** Rows of each kind. */
const MOST = 30;

/** One result, whatever it is of. */
interface Hit {
  key: string;
  name: string;
  number: string;
  row: (chosen: boolean) => TemplateResult;
}

@customElement("pascom-search")
export class Search extends Part {
  @state() private question = "";
  @state() private chosen = -1;
  @state() private open: Past | null = null;
  @query("input") private readonly input!: HTMLInputElement;
  private past: PastSearch | null = null;

  static override styles = [
    shared,
    rows,
    faces,
    ways,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; }
      .find { width: calc(100% - 32px); max-width: 760px; margin: 12px auto 4px; flex: none; }
      .list { flex: 1; overflow-y: auto; padding: 0 16px 16px; }
      .list > div { max-width: 760px; margin-inline: auto; display: grid; gap: 12px; grid-template-columns: minmax(0, 1fr); }
      section { padding: 0 4px 4px; }
      .rest { color: var(--faint); font-size: 14px; padding: 4px 12px 8px; margin: 0; }
    `,
  ];

  protected override arrived(): void {
    this.past ??= new PastSearch(this.house.ask, () => this.house.store.me.user, () => this.requestUpdate(), MOST);
    void this.house.phonebook.load();
  }

  protected override firstUpdated(): void {
    this.input.focus();
  }

  protected override render(): TemplateResult {
    const groups = this.groups();
    const hits = groups.flatMap(([, list]) => list);
    const chosen = hits[this.chosen];
    const question = this.question.trim();
    let at = 0;
    return html`<div class="find" role="search" aria-label=${t("search")}>${icon(mdiMagnify)}
        <input class="search" type="search" autocomplete="off" spellcheck="false" dir="auto" aria-label=${t("search")} aria-describedby="how" placeholder=${t("search_hint")} .value=${this.question}
          @input=${this.typed} @keydown=${(event: KeyboardEvent) => this.key(event, hits)} />
        <span class="hidden" id="how">${tj("how")}</span>
        <span class="hidden" role="status">${chosen ? `${chosen.name}, ${chosen.number}` : question ? tj("results", { count: hits.length }) : ""}</span>
      </div>
      <div class="list"><div>
        ${groups.map(([title, list, rest]) => list.length
          ? html`<section class="card" aria-label=${title}><h2>${title}</h2>${list.map((hit) => hit.row(at++ === this.chosen))}
              ${rest > 0 ? html`<p class="rest">${tj("more_results", { count: rest })}</p>` : nothing}</section>`
          : nothing)}
        ${question && !hits.length ? html`<div class="empty">${this.past?.done ? html`${icon(mdiMagnify)}${t("nothing_found")}` : t("connecting")}</div>` : nothing}
        ${question ? nothing : html`<div class="empty">${icon(mdiMagnify)}${t("search_example")}</div>`}
      </div></div>
      ${this.open ? html`<pascom-past-dialog .house=${this.house} .past=${this.open} @closed=${() => (this.open = null)}></pascom-past-dialog>` : nothing}`;
  }

  protected override updated(): void {
    this.renderRoot.querySelector(".row.chosen")?.scrollIntoView({ block: "nearest" });
  }

  /** What was found, and how much more of each there is. */
  private groups(): [string, Hit[], number][] {
    const question = this.question.trim();
    if (!question) return [];
    const people = found(entries(this.house.store), question);
    const contacts = this.house.phonebook.find(question);
    const past = this.past?.found ?? [];
    return [
      [t("contacts"), people.slice(0, MOST).map((entry) => this.person(entry)), people.length - MOST],
      [t("phonebook"), contacts.slice(0, MOST).map((contact) => this.contact(contact)), contacts.length - MOST],
      [t("journal"), past.map((each) => this.call(each)), 0],
    ];
  }

  private person(entry: Entry): Hit {
    const opens = entry.kind === "door" || entry.kind === "room" || entry.kind === "team";
    const open = (): void => this.show(opens ? { [entry.kind]: entry.name } : { number: entry.number });
    return {
      key: entry.key, name: entry.title, number: entry.number,
      row: (chosen) => html`<div class="row ${chosen ? "chosen" : ""}">
        <button class="what" @click=${open}>${face(entry.title, { presence: entry.presence, symbol: entry.symbol, picture: entry.picture })}
          <span class="text"><span class="name"><bdi>${entry.title}</bdi></span><span class="more ${entry.presence === "ringing" ? "rings" : ""}">${entry.line}${entry.number ? ` · ${entry.number}` : ""}</span></span></button>
        ${entry.kind === "door" || !entry.number ? nothing : html`<button class="round call" aria-label=${t("call_name", { name: entry.title })} title=${t("call")} @click=${() => void this.house.dial(entry.number, entry.title)}>${icon(mdiPhone)}</button>`}
      </div>`,
    };
  }

  private contact(contact: Contact): Hit {
    return {
      key: `contact:${contact.id}`, name: contact.name, number: contact.numbers[0]?.number ?? "",
      row: (chosen) => contactRow(this.house, contact, { chosen, line: contactLine(contact), open: () => this.show({ contact: String(contact.id) }) }),
    };
  }

  private call(past: Past): Hit {
    return {
      key: past.key, name: nameOf(this.house, past), number: past.number,
      row: (chosen) => pastRow(this.house, past, { chosen, day: true, open: (each) => (this.open = each) }),
    };
  }

  private show(detail: object): void {
    this.dispatchEvent(new CustomEvent("show", { detail, bubbles: true, composed: true }));
  }

  private key(event: KeyboardEvent, hits: readonly Hit[]): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this.chosen = Math.max(-1, Math.min(hits.length - 1, this.chosen + step));
    } else if (event.key === "Enter") {
      const hit = hits[Math.max(0, this.chosen)];
      if (hit?.number && !event.isComposing) void this.house.dial(hit.number, hit.name);
    }
  }

  private readonly typed = ({ target }: InputEvent): void => {
    this.question = (target as HTMLInputElement).value;
    this.chosen = -1;
    this.past?.for(this.question);
  };
}
