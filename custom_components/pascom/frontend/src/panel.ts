/** The panel in Home Assistant's sidebar: its areas, side by side where there is room, one at a time on a phone. */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./components/call-bar";
import "./components/elsewhere-bar";
import { icon, mdiAccount, mdiAlertCircleOutline, mdiBookAccount, mdiChevronLeft, mdiCog, mdiContacts, mdiDialpad, mdiHistory, mdiMagnify, mdiMenu } from "./components/icons";
import { overlayOf } from "./components/overlay";
import { shared } from "./components/style";
import { troubleText } from "./components/trouble";
import { answerWhenRinging, askedBy } from "./data/deep-link";
import { canSpeak } from "./data/engine/sound";
import { houseOf, type House } from "./data/house";
import { t as e } from "./data/everywhere-texts";
import type { Hass } from "./data/link";
import { use } from "./data/pbxs";
import { numberOf } from "./data/tel";
import { t } from "./data/texts";
import "./views/contacts";
import "./views/phone";

type Area = "contacts" | "phone" | "phonebook" | "journal" | "search" | "settings" | "admin" | Place;
type Place = "door" | "room" | "team" | "voicemail";
type Width = "phone" | "tablet" | "desktop";

const AREAS: readonly [Exclude<Area, Place | "admin">, string][] = [
  ["contacts", mdiContacts], ["phone", mdiDialpad], ["journal", mdiHistory], ["phonebook", mdiBookAccount], ["search", mdiMagnify], ["settings", mdiCog],
];
/** Areas that stand beside the content, and so are no choice there. */
const BESIDE: Record<Width, readonly Area[]> = { phone: [], tablet: ["contacts"], desktop: ["contacts", "phone"] };
const WANTED: Partial<Record<Area, () => Promise<unknown>>> = {
  journal: () => import("./views/journal"),
  phonebook: () => import("./views/phonebook"),
  search: () => import("./views/search"),
  settings: () => import("./views/settings"),
  door: () => import("./views/door"),
  room: () => import("./views/room"),
  team: () => import("./views/team"),
  voicemail: () => import("./views/voicemail"),
  admin: () => import("./views/admin/admin"),
};
/** Areas that stand in no list: one comes to them from another. */
const PLACES: readonly Area[] = ["door", "room", "team", "voicemail"];

@customElement("pascom-panel")
export class PascomPanel extends LitElement {
  @property({ attribute: false }) hass!: Hass;
  @property({ type: Boolean }) narrow = false;
  @property({ attribute: false }) panel?: { config?: { entry_ids?: string[] } };
  @property({ attribute: false }) route?: { prefix: string; path: string };
  @state() private house: House | null = null;
  @state() private width: Width = "desktop";
  @state() private wide = false;
  @state() private number = "";
  /** What a new contact begins with. */
  @state() private saving: { number: string; name: string } = { number: "", name: "" };
  private readonly sizes = new ResizeObserver(([entry]) => this.measured(entry?.contentRect.width ?? 0));
  private deaf: (() => void) | null = null;
  /** The newest call that has been spoken in, by its number. */
  private spoken = 0;
  /** The telephone is shown because of a call, and nothing else was looked at since. */
  private brought = false;

  static override styles = [
    shared,
    css`
      :host { display: flex; flex-direction: column; height: 100%; min-height: 0; background: var(--page); overflow: hidden; position: relative; padding: 0 var(--safe-area-inset-right, env(safe-area-inset-right)) 0 var(--safe-area-inset-left, env(safe-area-inset-left)); }
      header { --bar: calc(var(--header-height, 56px) - 1px); box-sizing: content-box; display: flex; align-items: center; gap: 4px; flex: none; min-height: var(--bar); padding: var(--safe-area-inset-top, env(safe-area-inset-top)) 8px 0; background: var(--sidebar-background-color, var(--card)); color: var(--sidebar-text-color, var(--text)); border-block-end: 1px solid var(--line); }
      header h1 { font-size: 20px; font-weight: 400; margin: 0; flex: 1 1 0; min-width: 0; padding-inline: 28px 12px; unicode-bidi: plaintext; text-align: -webkit-match-parent; text-align: match-parent; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      header .round + h1 { padding-inline-start: 8px; }
      .pbx { order: 1; flex: 0 1 auto; min-width: 72px; max-width: 220px; min-height: 44px; margin-inline: 4px; padding: 0 10px; border-radius: 22px; border: 1px solid var(--line); background: transparent; color: inherit; font-size: 14px; text-overflow: ellipsis; }
      .pbx option { color: var(--text); background: var(--card); }
      nav { display: flex; }
      /* In the middle, as the tabs of Home Assistant's own pages, where there is room for it. */
      .desktop nav { flex: 0 1 auto; }
      .desktop::after { content: ""; flex: 1 1 0; }
      header nav button { border-radius: 0; min-height: var(--bar); padding: 2px 24px 0; font-size: 14px; border-block-end: 2px solid transparent; }
      .tablet nav button { flex-direction: column; gap: 0; padding: 2px 6px 0; min-width: 76px; font-size: 12px; line-height: 16px; }
      header nav button:active:not(:disabled) { transform: none; }
      header nav button[aria-current] { border-block-end-color: currentColor; color: color-mix(in srgb, var(--accent) 60%, var(--sidebar-text-color, var(--text))); }
      header nav button:focus-visible { outline-offset: -4px; }
      main { flex: 1; display: flex; min-height: 0; }
      main > * { min-width: 0; }
      .left { flex: 0 0 clamp(300px, 29%, 360px); border-inline-end: 1px solid var(--line); }
      .right { flex: 0 0 clamp(312px, 26%, 360px); border-inline-start: 1px solid var(--line); }
      .middle { flex: 1; min-height: 0; display: flex; flex-direction: column; }
      .middle > * { flex: 1; min-height: 0; }
      .bottom { flex: none; display: flex; background: var(--card); border-block-start: 1px solid var(--line); padding-block-end: var(--safe-area-inset-bottom, env(safe-area-inset-bottom)); }
      .bottom button { flex: 1; flex-direction: column; gap: 2px; font-size: 12px; border-radius: 0; min-height: 60px; padding: 4px 0; min-width: 0; color: var(--faint); position: relative; }
      @media (max-width: 430px) { .bottom button { font-size: 10.5px; letter-spacing: -0.2px; } }
      .bottom button span { overflow: hidden; text-overflow: ellipsis; max-width: 100%; white-space: nowrap; }
      .bottom button[aria-current] { color: var(--accent-text); font-weight: 500; }
      .count { position: absolute; inset-block-start: 4px; inset-inline-start: calc(50% + 6px); min-width: 18px; height: 18px; border-radius: 9px; background: var(--red); color: #fff; font-size: 11px; font-style: normal; display: grid; place-items: center; padding: 0 4px; font-weight: 500; }
      header .badge { position: relative; }
      .desktop .count { inset-inline-start: 38px; }
      .away { flex: none; display: flex; align-items: center; justify-content: center; gap: 12px; padding: 8px 16px; background: color-mix(in srgb, var(--bad) 12%, var(--card)); border-block-end: 1px solid var(--line); font-size: 14px; }
      .away .icon { color: var(--bad); }
      .notice { flex: none; border-radius: 0; }
      .sorry { margin: auto; max-width: 480px; padding: 32px; text-align: center; color: var(--faint); text-wrap: balance; }
      .sorry > .icon { width: 64px; height: 64px; margin-inline: auto; opacity: 0.4; }
      .sorry h2 { margin: 4px 0 0; font-size: 20px; font-weight: 500; color: var(--text); overflow-wrap: anywhere; }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
    window.addEventListener("location-changed", this.follow);
    if (this.house) this.enter(this.house);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    window.removeEventListener("location-changed", this.follow);
    this.deaf?.();
    this.deaf = null;
    if (this.house) this.counted(this.house, -1);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("hass") && this.hass)
      void houseOf(this.hass, this.panel?.config?.entry_ids).then((house) => {
        if (this.house !== null) return;
        this.house = house;
        if (this.isConnected) this.enter(house);
      });
    if (changed.has("route")) {
      this.prefill();
      if (this.area !== "phone") this.brought = false;
    }
    void WANTED[this.area]?.().then(() => undefined);
  }

  protected override render(): TemplateResult {
    const { house } = this;
    if (house === null) return html`${this.head()}`;
    const { store } = house;
    // Who administrates needs no extension for it.
    const linked = !this.isStranger || this.area === "admin";
    return html`${this.head()}
      ${store.phase === "away" ? html`<div class="away" role="status">${icon(mdiAlertCircleOutline)}${t("pbx_away")}</div>` : nothing}
      ${this.area === "phone" && this.width !== "desktop" ? nothing : html`<pascom-call-bar .house=${house} .calls=${this.width !== "desktop"} .shown=${this.door} @show=${this.show}></pascom-call-bar>`}
      <pascom-elsewhere-bar .house=${house} .device=${house.device}></pascom-elsewhere-bar>
      ${canSpeak() || this.area === "settings" || this.area === "phone" || this.area === "door" ? nothing : html`<div class="notice" role="status">${troubleText("insecure")}</div>`}
      ${store.phase === "missing"
        ? html`<main><div class="sorry">${icon(mdiDialpad)}<p>${t("no_pbx")}</p></div></main>`
        : linked
          ? html`<main @show=${this.show}>${this.columns(house)}</main>`
          : html`<main><div class="sorry">${icon(mdiAccount)}<h2>${store.me.display_name}</h2><p>${store.me.admin ? t("not_linked_admin") : t("not_linked")}</p>${store.me.admin ? html`<button class="tonal" @click=${() => this.go("admin")}>${t("administration")}</button>` : nothing}</div></main>`}
      ${this.width === "phone" && !this.isStranger ? html`<nav class="bottom" aria-label=${t("areas")}>${this.tabs()}</nav>` : nothing}`;
  }

  private head(): TemplateResult {
    const back = this.isPlace && this.width === "phone";
    return html`<header class=${this.width}>
      ${back
        ? html`<button class="round" aria-label=${t("back")} @click=${() => this.go("contacts")}>${icon(mdiChevronLeft)}</button>`
        : this.narrow || this.width === "phone"
          ? html`<button class="round" aria-label=${t("menu")} @click=${() => this.dispatchEvent(new CustomEvent("hass-toggle-menu", { bubbles: true, composed: true }))}>${icon(mdiMenu)}</button>`
          : nothing}
      <h1>${this.width === "phone" ? this.headline : "pascom"}</h1>
      ${this.width === "phone" || !this.house || this.isStranger ? nothing : html`<nav aria-label=${t("areas")}>${this.tabs()}</nav>`}
      ${this.pbxs()}
    </header>`;
  }

  /** Who is nobody to the PBX: no area has anything for them. */
  private get isStranger(): boolean {
    return this.house?.store.phase === "ready" && !this.house.store.me.linked;
  }

  /** Where there are several: which one this browser uses. */
  private pbxs(): TemplateResult | typeof nothing {
    const { house } = this;
    if (house === null || house.pbxs.length < 2) return nothing;
    return html`<select class="pbx" aria-label=${e("which_pbx")} title=${e("which_pbx")} @change=${(event: Event) => use((event.target as HTMLSelectElement).value, (changes) => house.choose(changes))}>
      ${house.pbxs.map(({ entry_id, name }) => html`<option value=${entry_id} ?selected=${entry_id === house.entry}>${name}</option>`)}</select>`;
  }

  /** On a phone the area, or the door, room or team that one looks at, instead of their own headlines. */
  private get headline(): string {
    const { area } = this;
    if (area === "contacts") return "pascom";
    if (area === "door" || area === "room" || area === "team") return this.house?.store.nameOf(this.place) ?? "";
    return t(area === "admin" ? "administration" : area);
  }

  private tabs(): TemplateResult[] {
    const phone = this.width === "phone";
    const missed = this.house?.store.missed ?? 0;
    return AREAS.filter(([area]) => !BESIDE[this.width].includes(area)).map(([area, symbol]) => html`<button class="badge" aria-current=${area === this.area || (area === "contacts" && this.isPlace && phone) || (area === "settings" && this.area === "admin") ? "page" : nothing}
      aria-label=${area === "journal" && missed ? `${t("journal")}, ${t("missed_count", { count: missed })}` : t(area)} title=${t(area)} @click=${() => this.go(area)}>
      ${icon(symbol)}<span>${t(area)}</span>${area === "journal" && missed ? html`<i class="count">${missed}</i>` : nothing}
    </button>`);
  }

  private columns(house: House): TemplateResult {
    const { width, area } = this;
    if (area === "admin") return html`<div class="middle">${this.content(house)}</div>`;
    const contacts = html`<pascom-contacts class=${width === "phone" ? "middle" : "left"} .house=${house} .chosen=${this.isPlace ? `${this.area}:${this.place}` : ""}></pascom-contacts>`;
    if (width === "phone") return area === "contacts" ? contacts : html`<div class="middle">${this.content(house)}</div>`;
    return html`${contacts}<div class="middle">${this.content(house)}</div>
      ${this.besidePhone ? html`<pascom-phone class="right" .house=${house} .number=${this.number}></pascom-phone>` : nothing}`;
  }

  private content(house: House): TemplateResult {
    switch (this.area) {
      case "phone":
        return html`<pascom-phone .house=${house} .number=${this.number}></pascom-phone>`;
      case "phonebook":
        return html`<pascom-phonebook .house=${house} .contact=${this.detail} .begin=${this.saving}></pascom-phonebook>`;
      case "search":
        return html`<pascom-search .house=${house}></pascom-search>`;
      case "admin":
        return html`<pascom-admin .house=${house} .hass=${this.hass} .entry=${house.entry} .path=${this.within}></pascom-admin>`;
      case "settings":
        return html`<pascom-settings .house=${house}></pascom-settings>`;
      case "door":
        return html`<pascom-door .house=${house} .door=${this.place}></pascom-door>`;
      case "room":
        return html`<pascom-room .house=${house} .room=${this.place}></pascom-room>`;
      case "team":
        return html`<pascom-team .house=${house} .team=${this.place}></pascom-team>`;
      case "voicemail":
        return html`<pascom-voicemail .house=${house} .box=${this.place}></pascom-voicemail>`;
      default:
        return html`<pascom-journal .house=${house}></pascom-journal>`;
    }
  }

  /** Where one is, by the address; areas that stand beside the content leave it to another. */
  private get area(): Area {
    const [, first = ""] = (this.route?.path ?? "").split("/");
    if (first === "admin" && this.house?.store.me.admin) return "admin";
    const known = PLACES.includes(first as Area) || AREAS.some(([area]) => area === first);
    const area = (known ? first : this.house?.choices.area) as Area | undefined;
    if (area === undefined || BESIDE[this.width].includes(area)) {
      if (this.width === "tablet") return "phone";
      return this.width === "phone" ? "contacts" : "journal";
    }
    return area;
  }

  /** A link to a number fills the field; nobody is called by opening an address. */
  private prefill(): void {
    const [, first, detail] = (this.route?.path ?? "").split("/");
    if (first === "phone" && detail) this.number = numberOf(detail) || numberOf(`tel:${detail}`);
  }

  /** A door's picture gets the room of the telephone where there is not enough for both, unless one telephones. */
  private get besidePhone(): boolean {
    if (this.width !== "desktop") return false;
    return this.wide || this.area !== "door" || Boolean(this.house?.engine.lines.some((line) => !line.door));
  }

  private get isPlace(): boolean {
    return PLACES.includes(this.area);
  }

  /** The door, room or team that is shown. */
  private get place(): string {
    return this.isPlace ? this.detail : "";
  }

  /** What of the area is shown. */
  private get detail(): string {
    const [, , name] = (this.route?.path ?? "").split("/");
    return name ? decodeURIComponent(name) : "";
  }

  /** Where one is in the administration: `doors/front`. */
  private get within(): string {
    return (this.route?.path ?? "").split("/").slice(2).join("/");
  }

  private get door(): string {
    return this.area === "door" ? this.place : "";
  }

  /** `replace` where the way back should not lead here again. */
  private go(area: Area, detail = "", replace = false): void {
    this.visit(`${area}${detail ? `/${encodeURIComponent(detail)}` : ""}`, replace);
  }

  private visit(path: string, replace = false): void {
    const address = `${this.route?.prefix ?? "/pascom"}/${path}`;
    if (replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace } }));
  }

  private readonly show = ({ detail }: CustomEvent<{ door?: string; room?: string; team?: string; contact?: string; number?: string; name?: string; area?: Area; place?: string; admin?: string }>): void => {
    if (detail.admin !== undefined) this.visit(`admin/${detail.admin}`);
    else if (detail.contact !== undefined) {
      this.saving = { number: detail.number ?? "", name: detail.name ?? "" };
      this.go("phonebook", detail.contact, this.area === "phonebook" && this.detail !== "");
    } else if (detail.area) this.go(detail.area, detail.place);
    else if (detail.door) this.go("door", detail.door);
    else if (detail.room) this.go("room", detail.room);
    else if (detail.team) this.go("team", detail.team);
    else {
      if (detail.number) this.number = detail.number;
      if (!this.besidePhone) this.go("phone");
    }
  };

  private enter(house: House): void {
    this.spoken = house.engine.current?.id ?? 0;
    this.brought = false;
    this.deaf ??= house.store.listen(() => {
      this.toCall(house);
      this.requestUpdate();
    });
    this.counted(house, 1);
    this.follow();
  }

  /** Does what the address of a notification asks for, once. */
  private readonly follow = (): void => {
    const { house } = this;
    const { answer, number, pbx } = askedBy(location.search);
    if (house === null || (!answer && !number && !pbx)) return;
    if (house.pbxs.some(({ entry_id }) => entry_id === pbx) && pbx !== house.entry) {
      // The page begins anew with that one, and with the same address.
      location.reload();
      return;
    }
    const [, area, name = ""] = location.pathname.slice((this.route?.prefix ?? "/pascom").length).split("/");
    history.replaceState(history.state, "", location.pathname);
    if (number) this.number = number;
    const door = area === "door" ? decodeURIComponent(name) : "";
    if (answer) answerWhenRinging(house, { answer, door }, () => house.say(t("rings_no_more"), true));
  };

  /** Who calls or answers on a phone has the call before them, and when it is over what they had before. */
  private toCall({ engine }: House): void {
    const { current } = engine;
    if (this.brought && !engine.lines.some((line) => !line.door)) {
      this.brought = false;
      history.back();
    }
    if (!current || current.door || current.id <= this.spoken) return;
    this.spoken = current.id;
    if (this.width !== "phone" || current.path === "lost" || this.area === "phone") return;
    this.go("phone");
    this.brought = true;
  }

  private counted(house: House, by: number): void {
    const overlay = overlayOf(house);
    overlay.panels = Math.max(0, overlay.panels + by);
    overlay.requestUpdate();
  }

  private measured(width: number): void {
    this.wide = width >= 1500;
    this.width = width >= 1180 ? "desktop" : width >= 700 ? "tablet" : "phone";
  }
}
