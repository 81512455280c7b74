/** Whom one can reach: oneself, doors first, favourites, people, rooms, teams. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { isIn, rolesOf, teamsOf, type Group } from "../data/groups";
import { presenceOf } from "../data/presence";
import { t, type Key } from "../data/texts";
import "../components/availability";
import type { Availability } from "../components/availability";
import { face, faces } from "../components/avatar";
import "../components/contact-menu";
import type { ContactMenu } from "../components/contact-menu";
import { Part } from "../components/element";
import { icon, mdiAccountGroup, mdiDotsVertical, mdiMagnify, mdiPhone, mdiStar, mdiVoicemail } from "../components/icons";
import { contactEntry, entries, found, presenceText, type Entry, type Kind } from "../components/people";
import { t as p } from "../data/people-texts";
import { skeleton, skeletons } from "../components/skeleton";
import { Place } from "../components/place";
import { rows, shared } from "../components/style";

type Filter = "all" | "favourites" | "user" | "room" | "team" | "online";
const FILTERS: readonly [Filter, Key][] = [
  ["all", "filter_all"], ["favourites", "favourites"], ["online", "filter_online"], ["user", "people"], ["team", "teams"], ["room", "rooms"],
];
const SECTIONS: readonly [Kind, Key][] = [["user", "people"], ["team", "teams"], ["room", "rooms"]];
/** What has a page of its own. */
const OPENS = new Set<Kind>(["door", "room", "team"]);
/** Rows drawn at first, and more each time one gets to their end. */
const PAGE = 120;

@customElement("pascom-contacts")
export class Contacts extends Part {
  @property() chosen = "";
  @state() private question = "";
  @state() private filter: Filter = "all";
  @state() private group: Group = "";
  @state() private drawn = PAGE;
  private readonly place = new Place("contacts");
  @query("pascom-contact-menu") private readonly menu!: ContactMenu;
  @query("pascom-availability") private readonly availability!: Availability;

  static override styles = [
    shared,
    rows,
    faces,
    skeletons,
    css`
      .bones.card { border: 0; background: none; }
      :host { display: flex; flex-direction: column; min-height: 0; background: var(--card); }
      .me { display: flex; align-items: center; gap: 4px; padding: 8px 8px 4px 4px; min-height: 68px; flex: none; }
      .me .self { flex: 1; min-width: 0; justify-content: flex-start; gap: 12px; padding: 4px 12px; border-radius: var(--radius); min-height: 56px; }
      .self > span:nth-child(2) { min-width: 0; text-align: start; }
      .self .name, .self .more { display: block; }
      .badge { position: relative; }
      .count { position: absolute; inset-block-start: 2px; inset-inline-end: 0; min-width: 18px; height: 18px; border-radius: 9px; background: var(--red); color: #fff; font-size: 11px; font-style: normal; display: grid; place-items: center; padding: 0 4px; font-weight: 500; }
      .find { flex: none; margin: 4px 16px; }
      .filters { padding: 0 16px; }
      .list { flex: 1; overflow-y: auto; padding: 0 4px 16px; overscroll-behavior: contain; }
      .filters select { flex: none; height: 44px; max-width: 160px; border: solid transparent; border-width: 5px 0; border-radius: calc(var(--small) + 4px); background: padding-box transparent; box-shadow: inset 0 0 0 1px var(--line); padding: 0 8px; font-size: 14px; font-weight: 500; cursor: pointer; }
      .filters select.on { background-color: var(--tint); box-shadow: none; }
      .star { display: inline-block; vertical-align: -3px; color: var(--warn); margin-inline-start: 6px; }
      .star .icon { width: 16px; height: 16px; }
      .menu { color: var(--faint); }
      @media (hover: hover) {
        .row:not(:hover):not(:focus-within) .menu { position: absolute; opacity: 0; pointer-events: none; }
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { store, choices } = this.house;
    const all = [...entries(store), ...this.contacts()];
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
        <input class="search" type="search" .value=${this.question} aria-label=${t("filter_contacts")} placeholder=${t("filter_contacts")} autocomplete="off"
          @input=${(event: InputEvent) => ((this.question = (event.target as HTMLInputElement).value), (this.drawn = PAGE))} />
      </div>
      ${all.length ? html`<div class="filters" role="group" aria-label=${t("filters")}>
        ${FILTERS.filter(([filter]) => this.offered(filter, all)).map(([filter, key]) => html`<button aria-pressed=${this.filter === filter} @click=${() => (this.filter = filter)}>${t(key)}</button>`)}
        ${this.groups()}
      </div>` : nothing}
      <div class="list" @scroll=${this.scrolled}>
        ${sections.map(([title, list]) => {
          const drawn = list.slice(0, Math.max(0, left));
          left -= drawn.length;
          return drawn.length ? html`<section aria-label=${title}><h2>${title}</h2>${drawn.map((entry) => this.row(entry))}</section>` : nothing;
        })}
        ${shown.length ? nothing : store.phase === "connecting" ? skeleton(t("connecting")) : html`<div class="empty">${this.question ? t("nothing_found") : all.length ? t("nobody_so") : this.nobody()}</div>`}
      </div>
      <pascom-contact-menu .house=${this.house}></pascom-contact-menu>
      <pascom-availability .house=${this.house}></pascom-availability>`;
  }

  protected override updated(): void {
    if (this.house.store.snapshot) this.place.find(this.renderRoot.querySelector(".list"));
  }

  protected override arrived(): void {
    if (this.house.choices.favourites.some((key) => key.startsWith("contact:"))) void this.house.phonebook.load();
  }

  /** A house where nobody has moved in yet. */
  private nobody(): TemplateResult {
    const { me } = this.house.store;
    return html`${icon(mdiAccountGroup)}<p>${t("nobody_yet")}</p>${me.admin ? html`<button class="tonal" @click=${() => this.go({ admin: "" })}>${t("move_in")}</button>` : nothing}`;
  }

  /** Favourites of the phonebook. */
  private contacts(): Entry[] {
    const keys = this.house.choices.favourites.filter((key) => key.startsWith("contact:"));
    if (keys.length && this.house.phonebook.phase === "idle" && this.house.store.phase === "ready") void this.house.phonebook.load();
    return keys.map((key) => this.house.phonebook.get(Number(key.slice("contact:".length)))).filter((contact) => contact !== undefined).map(contactEntry);
  }

  /** Teams and roles to look at alone. */
  private groups(): TemplateResult | typeof nothing {
    const { snapshot } = this.house.store;
    const offered: [string, { key: Group; title: string }[]][] = [[t("teams"), teamsOf(snapshot)], [p("roles"), rolesOf(snapshot)]];
    const filled = offered.filter(([, list]) => list.length);
    if (!filled.length) return nothing;
    return html`<select class=${this.group ? "on" : ""} aria-label=${p("group")} @change=${(event: Event) => (this.group = (event.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${!this.group}>${p("every_group")}</option>
      ${filled.map(([title, list]) => html`<optgroup label=${title}>${list.map(({ key, title }) => html`<option value=${key} ?selected=${key === this.group}>${title}</option>`)}</optgroup>`)}
    </select>`;
  }

  private mine(): TemplateResult | typeof nothing {
    const { store } = this.house;
    const user = store.user(store.me.user);
    if (store.phase === "connecting") return html`<div class="me"></div>`;
    if (!store.me.linked || user === undefined) return nothing;
    const { messages } = store;
    const voicemail = messages ? p("new_messages", { count: messages }) : t("voicemail");
    return html`<div class="me">
      <button class="self" aria-haspopup="dialog" title=${p("change_availability")} @click=${(event: Event) => this.availability.show(event.currentTarget as Element)}>
        ${face(user.display_name, { presence: presenceOf(user), picture: store.pictures[user.name] })}
        <span><span class="name">${user.display_name}</span><span class="more">${presenceText(user)} · ${user.extension}</span></span><span class="hidden">${p("change_availability")}</span>
      </button>
      ${user.voicemail_enabled === null && !messages ? nothing : html`<button class="round badge" aria-label=${voicemail} title=${voicemail} @click=${() => this.go({ area: "voicemail" })}>
        ${icon(mdiVoicemail)}${messages ? html`<i class="count">${messages}</i>` : nothing}</button>`}
    </div>`;
  }

  private row(entry: Entry): TemplateResult {
    const favourite = this.house.choices.favourites.includes(entry.key);
    const { narrow } = this.house.choices;
    const menu = p("more_about", { name: entry.title });
    const call = entry.number && entry.kind !== "door"
      ? html`<button class="round call" aria-label=${t("call_name", { name: entry.title })} title=${t("call")} @click=${() => void this.house.dial(entry.number, entry.title)}>${icon(mdiPhone)}</button>`
      : nothing;
    return html`<div class="row ${narrow ? "slim" : ""} ${entry.key === this.chosen ? "chosen" : ""}" @contextmenu=${(event: Event) => this.offer(event, entry)}>
      <button class="what" aria-current=${entry.key === this.chosen ? "true" : nothing} @click=${() => this.open(entry)}>
        ${face(entry.title, { presence: entry.presence, symbol: entry.symbol, picture: entry.picture, size: narrow ? "slim" : "" })}
        <span><span class="name" style="display:block" title=${entry.title}>${entry.title}${favourite ? html`<span class="star" title=${t("favourite")}>${icon(mdiStar)}</span>` : nothing}</span>
          ${narrow ? html`<span class="hidden">${entry.line}</span>` : html`<span class="more ${entry.presence === "ringing" ? "rings" : ""}" style="display:block">${[entry.line, entry.number].filter(Boolean).join(" · ")}</span>`}</span>
      </button>
      <button class="round menu" aria-haspopup="menu" aria-label=${menu} title=${menu} @click=${(event: Event) => this.offer(event, entry)}>${icon(mdiDotsVertical)}</button>
      ${call}
    </div>`;
  }

  /** Beside its button, also where the row was pressed long or with the other button. */
  private offer(event: Event, entry: Entry): void {
    event.preventDefault();
    const row = event.currentTarget as Element;
    void this.menu.show(entry, row.querySelector(".menu") ?? row);
  }

  private passes(entry: Entry): boolean {
    const { store, choices } = this.house;
    const favourite = choices.favourites.includes(entry.key);
    if (this.group && !isIn(this.group, entry.kind === "user" ? store.user(entry.name) : undefined, store.snapshot)) return false;
    if (this.filter === "all") return true;
    if (this.filter === "favourites") return favourite;
    if (this.filter === "online") return entry.presence !== undefined && entry.presence !== "offline";
    return entry.kind === this.filter;
  }

  private offered(filter: Filter, all: readonly Entry[]): boolean {
    return filter === "all" || filter === "favourites" || filter === "online" || all.some((entry) => entry.kind === filter);
  }

  private open(entry: Entry): void {
    this.go(OPENS.has(entry.kind) ? { [entry.kind]: entry.name } : { number: entry.number });
  }

  private go(detail: object): void {
    this.dispatchEvent(new CustomEvent("show", { detail, bubbles: true, composed: true }));
  }

  private readonly scrolled = ({ target }: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = target as HTMLElement;
    if (scrollHeight - scrollTop - clientHeight < 600) this.drawn += PAGE;
  };
}
