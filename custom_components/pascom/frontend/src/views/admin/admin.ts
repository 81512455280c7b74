/** Administration: people, doors, lines, phones, roles and the log, for administrators of Home Assistant. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Part } from "../../components/element";
import { icon, mdiAccount, mdiAccountGroup, mdiDoorClosed, mdiPhoneForward } from "../../components/icons";
import { shared } from "../../components/style";
import type { Hass } from "../../data/link";
import { t } from "../../data/admin/texts";
import "./doors";
import { mdiAccountKey, mdiDeskphone, mdiTableChair, mdiTextBoxSearch } from "./icons";
import "./lines";
import "./log";
import "./phones";
import "./roles";
import "./rooms";
import "./teams";
import "./users";

const AREAS = [
  ["users", mdiAccount], ["doors", mdiDoorClosed], ["rooms", mdiTableChair], ["teams", mdiAccountGroup], ["lines", mdiPhoneForward], ["phones", mdiDeskphone], ["roles", mdiAccountKey], ["log", mdiTextBoxSearch],
] as const;
type AreaName = (typeof AREAS)[number][0];

@customElement("pascom-admin")
export class Admin extends Part {
  @property({ attribute: false }) hass!: Hass;
  /** `doors/front` of `/pascom/admin/doors/front`. */
  @property() path = "";
  @property() entry = "";

  static override styles = [
    shared,
    css`
      :host { display: flex; min-height: 0; container-type: inline-size; }
      nav { flex: 0 0 240px; display: flex; flex-direction: column; gap: 4px; padding: 16px 12px; border-inline-end: 1px solid var(--line); overflow-y: auto; }
      nav h1 { font-size: 14px; font-weight: 500; color: var(--faint); margin: 0 12px 8px; }
      nav button { justify-content: flex-start; gap: 16px; padding: 0 16px; min-height: 48px; flex: none; font-weight: 500; }
      nav button .icon { color: var(--faint); }
      nav button[aria-current] { background: color-mix(in srgb, var(--accent) 16%, transparent); }
      nav button[aria-current] .icon { color: var(--accent); }
      .content { flex: 1; min-width: 0; overflow-y: auto; scrollbar-gutter: stable; }
      .both { display: flex; flex: 1; min-width: 0; min-height: 0; }
      @container (max-width: 760px) {
        .both { flex-direction: column; }
        nav { flex: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(80px, 1fr)); gap: 2px; padding: 6px; border-inline-end: 0; border-block-end: 1px solid var(--line); overflow: visible; }
        nav h1 { display: none; }
        nav button { flex-direction: column; justify-content: center; padding: 4px 0; gap: 2px; min-height: 54px; min-width: 0; border-radius: var(--radius); font-size: 12px; }
        nav button span { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .content { scrollbar-gutter: auto; }
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { area, name } = this;
    return html`<div class="both">
      <nav aria-label=${t("administration")}><h1>${t("administration")}</h1>
        ${AREAS.map(([each, symbol]) => html`<button aria-current=${each === area ? "page" : nothing} @click=${() => this.go(each)}>${icon(symbol)}<span>${t(`area_${each}`)}</span></button>`)}</nav>
      <div class="content">${this.content(area, name)}</div>
    </div>`;
  }

  private content(area: AreaName, name: string): TemplateResult {
    const { house, hass, entry } = this;
    switch (area) {
      case "doors":
        return html`<pascom-admin-doors .house=${house} .hass=${hass} .name=${name}></pascom-admin-doors>`;
      case "rooms":
        return html`<pascom-admin-rooms .house=${house} .hass=${hass} .name=${name}></pascom-admin-rooms>`;
      case "teams":
        return html`<pascom-admin-teams .house=${house} .hass=${hass} .name=${name}></pascom-admin-teams>`;
      case "lines":
        return html`<pascom-admin-lines .house=${house} .hass=${hass} .entry=${entry} .name=${name}></pascom-admin-lines>`;
      case "phones":
        return html`<pascom-admin-phones .house=${house} .hass=${hass} .name=${name}></pascom-admin-phones>`;
      case "roles":
        return html`<pascom-admin-roles .house=${house} .hass=${hass}></pascom-admin-roles>`;
      case "log":
        return html`<pascom-admin-log .house=${house} .hass=${hass}></pascom-admin-log>`;
      default:
        return html`<pascom-admin-users .house=${house} .hass=${hass} .entry=${entry} .name=${name}></pascom-admin-users>`;
    }
  }

  private get area(): AreaName {
    const [first = ""] = this.path.split("/");
    return AREAS.find(([area]) => area === first)?.[0] ?? "users";
  }

  private get name(): string {
    const [, name = ""] = this.path.split("/");
    return decodeURIComponent(name);
  }

  private go(area: AreaName): void {
    this.dispatchEvent(new CustomEvent("show", { detail: { admin: area }, bubbles: true, composed: true }));
  }
}
