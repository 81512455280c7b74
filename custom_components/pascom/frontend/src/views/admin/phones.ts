/** Every phone of the house: whose it is, what it is, and whether it is there; and setting up one more. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { choiceField, forms, type Choice } from "../../components/form/fields";
import { icon, mdiChevronLeft } from "../../components/icons";
import { rows, shared } from "../../components/style";
import { unknown, watch, type FoundPhone } from "../../data/admin/found";
import { g } from "../../data/admin/group-texts";
import { t } from "../../data/admin/texts";
import type { AdminDevice, AdminUser } from "../../data/admin/wire";
import { PHONE_MODELS } from "./access";
import { mdiCellphone, mdiChevronRight, mdiDeskphone, mdiPlus } from "./icons";
import { NEW, Page, pages } from "./page";

const SYMBOLS: Partial<Record<string, string>> = { mobile: mdiCellphone };

@customElement("pascom-admin-phones")
export class Phones extends Page {
  @state() private users: AdminUser[] | null = null;
  @state() private owner = "";
  @state() private device = "";
  @state() private found: FoundPhone[] = [];
  /** One of the found that is set up now. */
  @state() private chosen: FoundPhone | null = null;
  private seen: unknown = null;
  private ends: (() => void) | null = null;

  static override styles = [shared, rows, pages, forms, css`.agent { overflow-wrap: anywhere; }`];

  protected override arrived(): void {
    void this.look();
    void watch(this.hass, (found) => (this.found = found)).then((ends) => (this.isConnected ? (this.ends = ends) : ends()));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ends?.();
    this.ends = null;
  }

  protected override updated(): void {
    const users = this.house.store.snapshot?.users ?? null;
    if (users !== this.seen && this.seen !== null) void this.look();
    this.seen = users;
  }

  private readonly look = async (): Promise<void> => {
    const found = await this.latest(() => this.house.ask<{ users: AdminUser[] }>("user/list"));
    this.users = found?.users.toSorted((a, b) => a.display_name.localeCompare(b.display_name)) ?? this.users;
  };

  protected override render(): TemplateResult {
    const { users } = this;
    if (users === null) return html`<p class="empty">${t("loading")}</p>`;
    if (this.name === NEW) return this.setUp(users);
    const all = users.flatMap((user) => user.devices.filter((each) => each.kind !== "browser").map((device) => ({ user, device })));
    return html`<div class="all">
      <div class="top"><h1>${t("area_phones")}</h1><button class="filled" @click=${() => this.begin(null)}>${icon(mdiPlus)}${t("phone_set_up_one")}</button></div>
      <p class="about">${t("phones_about")}</p>
      ${all.length ? html`<section class="card list">${all.map(({ user, device }) => this.row(user, device))}</section>` : html`<p class="empty">${t("phones_none")}</p>`}
      ${this.newcomers(all.map(({ device }) => device))}
    </div>`;
  }

  private newcomers(devices: AdminDevice[]): TemplateResult | typeof nothing {
    const found = unknown(this.found, devices);
    if (!found.length) return nothing;
    return html`<section class="card list" aria-label=${g("found_title")}><div class="top" style="padding:8px 12px 0;min-height:0"><h2>${g("found_title")}</h2></div>
      <p class="about" style="padding:4px 12px 8px">${g("found_about")}</p>
      ${found.map((phone) => html`<div class="row">${icon(mdiDeskphone)}
        <span class="what"><span class="name" style="display:block">${phone.maker}</span><span class="more agent" style="display:block" dir="ltr">${[phone.name, phone.address].filter(Boolean).join(" · ")}</span></span>
        <button class="tonal" aria-label=${`${t("phone_set_up")}: ${phone.maker} ${phone.address}`} @click=${() => this.begin(phone)}>${t("phone_set_up")}</button></div>`)}</section>`;
  }

  private begin(phone: FoundPhone | null): void {
    this.chosen = phone;
    this.go("phones", NEW);
  }

  private row(user: AdminUser, device: AdminDevice): TemplateResult {
    const mobile = device.kind === "mobile";
    const title = mobile ? t("mobile") : device.account === user.extension ? t("first_phone") : device.name;
    return html`<button class="row" @click=${() => this.go("users", user.name)}>${icon(SYMBOLS[device.kind] ?? mdiDeskphone)}
      <span class="what"><span class="name" style="display:block">${user.display_name} · ${title}</span>
        <span class="more agent" style="display:block">${mobile ? t("phone_outside") : html`<span class="light ${device.registered ? "good" : ""}">${[t(device.registered ? "registered" : "not_registered"), device.account, device.user_agent].filter(Boolean).join(" · ")}</span>`}</span></span>
      <span class="end">${icon(mdiChevronRight)}</span></button>`;
  }

  private setUp(users: AdminUser[]): TemplateResult {
    const owner = users.find((each) => each.name === this.owner) ?? users[0];
    const phones = owner?.devices.filter((each) => each.kind === "phone") ?? [];
    const choices = phones.map((each): Choice => (each.account === owner?.extension ? ["", t("first_phone")] : [each.name, each.name]));
    const device = choices.some(([value]) => value === this.device) ? this.device : (choices[0]?.[0] ?? "");
    const { chosen } = this;
    const first = phones.some((each) => each.account === owner?.extension);
    return html`<div class="all">
      <div class="top"><button class="round" aria-label=${t("back")} @click=${() => this.go("phones")}>${icon(mdiChevronLeft)}</button><h1>${this.chosen ? `${this.chosen.maker} · ${t("phone_set_up")}` : t("phone_set_up_one")}</h1></div>
      ${owner === undefined ? html`<p class="empty">${t("users_none")}</p>` : html`<section class="card form">
        <div class="pair">${choiceField({ label: t("phone_whose"), value: owner.name, choices: users.map((each) => [each.name, `${each.display_name} (${each.extension})`] as const), changed: (name) => { this.owner = name; this.device = ""; } })}
          ${choices.length ? choiceField({ label: t("phone_which"), value: device, choices, help: t("phone_which_about"), changed: (value) => (this.device = value) }) : nothing}</div>
        <div class="ends"><button class="tonal" type="button" @click=${() => this.go("users", owner.name)}>${icon(mdiPlus)}${t("phone_further")}</button></div>
        ${chosen ? html`<p class="about">${g("found_how", { maker: chosen.maker })} <a href=${`http://${chosen.address}`} target="_blank" rel="noopener noreferrer" dir="ltr">${chosen.address}</a></p>` : nothing}
        <pascom-admin-access .model=${chosen?.model ?? PHONE_MODELS[0][0]} .house=${this.house} .hass=${this.hass} .user=${owner.name} .device=${device} .readable=${first && device === ""}></pascom-admin-access>
      </section>`}
    </div>`;
  }
}
