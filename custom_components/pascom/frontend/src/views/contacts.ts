/** Whom one can reach: oneself, doors first, favourites, people, rooms, teams. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { refusal } from "../data/link";
import { t, type Key } from "../data/texts";
import { face, faces } from "../components/avatar";
import { Part } from "../components/element";
import { icon, mdiBell, mdiBellOff, mdiMagnify, mdiPhone, mdiStar, mdiStarOutline } from "../components/icons";
import { entries, found, presenceOf, presenceText, type Entry, type Kind } from "../components/people";
import { rows, shared } from "../components/style";

type Filter = "all" | "favourites" | "user" | "room" | "team" | "online";
const FILTERS: readonly [Filter, Key][] = [
  ["all", "filter_all"], ["favourites", "favourites"], ["online", "filter_online"], ["user", "people"], ["team", "teams"], ["room", "rooms"],
];
const SECTIONS: readonly [Kind, Key][] = [["user", "people"], ["room", "rooms"], ["team", "teams"]];
/** Rows drawn at first, and more each time one gets to their end. */
const PAGE = 120;

@customElement("pascom-contacts")
export class Contacts extends Part {
  @property() chosen = "";
  @state() private question = "";
  @state() private filter: Filter = "all";
  @state() private drawn = PAGE;

  static override styles = [
    shared,
    rows,
    faces,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; background: var(--card); }
      .me { display: flex; align-items: center; gap: 12px; padding: 12px 8px 8px 16px; }
      .me > div { flex: 1; min-width: 0; }
      .find { position: relative; padding: 4px 12px; }
      .find .icon { position: absolute; inset-inline-start: 26px; inset-block-start: 16px; color: var(--faint); pointer-events: none; }
      .find .field { padding-inline-start: 46px; }
      .filters { display: flex; gap: 4px; overflow-x: auto; padding: 4px 12px; scrollbar-width: none; flex: none; }
      .filters button { flex: none; padding: 0 14px; font-size: 14px; border: 1px solid var(--line); min-height: 44px; }
      .filters button[aria-pressed="true"] { background: color-mix(in srgb, var(--accent) 20%, transparent); border-color: transparent; font-weight: 500; }
      .list { flex: 1; overflow-y: auto; padding: 0 4px 16px; overscroll-behavior: contain; }
      .star { color: var(--faint); }
      @media (hover: hover) {
        .row:not(:hover):not(:focus-within) .star[aria-pressed="false"] { position: absolute; opacity: 0; pointer-events: none; }
      }
      .star[aria-pressed="true"] { color: var(--warn); }
      .rings { color: var(--warn); font-weight: 500; }
    `,
  ];

  protected override render(): TemplateResult {
    const { store, choices } = this.house;
    const all = entries(store);
    const shown = found(all, this.question).filter((entry) => this.passes(entry));
    const favourites = shown.filter((entry) => choices.favourites.includes(entry.key) && entry.kind !== "door");
    const sections: [string, Entry[]][] = [
      [t("doors"), shown.filter((entry) => entry.kind === "door")],
      [t("favourites"), favourites],
      ...SECTIONS.map(([kind, key]): [string, Entry[]] => [t(key), shown.filter((entry) => entry.kind === kind && !favourites.includes(entry))]),
    ];
    let left = this.drawn;
    return html`${this.mine()}
      <div class="find" role="search" aria-label=${t("contacts")}>${icon(mdiMagnify)}
        <input class="field" type="search" .value=${this.question} aria-label=${t("filter_contacts")} placeholder=${t("filter_contacts")} autocomplete="off"
          @input=${(event: InputEvent) => ((this.question = (event.target as HTMLInputElement).value), (this.drawn = PAGE))} />
      </div>
      <div class="filters" role="group" aria-label=${t("filters")}>
        ${FILTERS.filter(([filter]) => this.offered(filter, all)).map(([filter, key]) => html`<button aria-pressed=${this.filter === filter} @click=${() => (this.filter = filter)}>${t(key)}</button>`)}
      </div>
      <div class="list" @scroll=${this.scrolled}>
        ${sections.map(([title, list]) => {
          const drawn = list.slice(0, Math.max(0, left));
          left -= drawn.length;
          return drawn.length ? html`<section aria-label=${title}><h2>${title}</h2>${drawn.map((entry) => this.row(entry))}</section>` : nothing;
        })}
        ${shown.length ? nothing : html`<p class="empty">${store.phase === "connecting" ? t("connecting") : this.question ? t("nothing_found") : t("nobody_yet")}</p>`}
      </div>`;
  }

  private mine(): TemplateResult | typeof nothing {
    const { me } = this.house.store;
    const user = this.house.store.user(me.user);
    if (!me.linked || user === undefined) return nothing;
    const quiet = user.do_not_disturb;
    return html`<div class="me">
      ${face(user.display_name, { presence: presenceOf(user) })}
      <div><div class="name">${user.display_name}</div><div class="more">${presenceText(user)} · ${user.extension}</div></div>
      <button class="round" aria-pressed=${quiet} aria-label=${t("do_not_disturb")} title=${t("do_not_disturb")} @click=${() => void this.disturb(!quiet)}>
        ${icon(quiet ? mdiBellOff : mdiBell)}
      </button>
    </div>`;
  }

  private row(entry: Entry): TemplateResult {
    const favourite = this.house.choices.favourites.includes(entry.key);
    const { narrow } = this.house.choices;
    const call = entry.number && entry.kind !== "door"
      ? html`<button class="round call" aria-label=${t("call_name", { name: entry.title })} title=${t("call")} @click=${() => void this.house.dial(entry.number, entry.title)}>${icon(mdiPhone)}</button>`
      : nothing;
    return html`<div class="row ${narrow ? "slim" : ""} ${entry.key === this.chosen ? "chosen" : ""}">
      <button class="what" aria-current=${entry.key === this.chosen ? "true" : nothing} @click=${() => this.open(entry)}>
        ${face(entry.title, { presence: entry.presence, symbol: entry.symbol, size: narrow ? "slim" : "" })}
        <span><span class="name" style="display:block" title=${entry.title}>${entry.title}</span>
          ${narrow ? nothing : html`<span class="more ${entry.presence === "ringing" ? "rings" : ""}" style="display:block">${entry.line}${entry.number ? ` · ${entry.number}` : ""}</span>`}</span>
      </button>
      <button class="round star" aria-pressed=${favourite} aria-label=${t("favourite_name", { name: entry.title })} title=${t("favourite")} @click=${() => this.house.favour(entry.key)}>${icon(favourite ? mdiStar : mdiStarOutline)}</button>
      ${call}
    </div>`;
  }

  private passes(entry: Entry): boolean {
    if (this.filter === "all") return true;
    if (this.filter === "favourites") return this.house.choices.favourites.includes(entry.key);
    if (this.filter === "online") return entry.presence !== undefined && entry.presence !== "away";
    return entry.kind === this.filter;
  }

  private offered(filter: Filter, all: readonly Entry[]): boolean {
    return filter === "all" || filter === "favourites" || filter === "online" || all.some((entry) => entry.kind === filter);
  }

  private open(entry: Entry): void {
    if (entry.kind === "door" || entry.kind === "room")
      this.dispatchEvent(new CustomEvent("show", { detail: { [entry.kind]: entry.name }, bubbles: true, composed: true }));
    else this.dispatchEvent(new CustomEvent("show", { detail: { number: entry.number }, bubbles: true, composed: true }));
  }

  private async disturb(quiet: boolean): Promise<void> {
    try {
      await this.house.ask("user/set", { user: this.house.store.me.user, do_not_disturb: quiet });
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }

  private readonly scrolled = ({ target }: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = target as HTMLElement;
    if (scrollHeight - scrollTop - clientHeight < 600) this.drawn += PAGE;
  };
}
