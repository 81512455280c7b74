/** The doors, a new one, and one in detail. */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { face, faces } from "../../components/avatar";
import { icon, mdiDoorClosed, mdiLock } from "../../components/icons";
import { rows, shared } from "../../components/style";
import { t } from "../../data/admin/texts";
import type { Profile } from "../../data/admin/wire";
import type { Door } from "../../data/wire";
import "./door-page";
import "./door-wizard";
import { mdiChevronRight, mdiPlus } from "./icons";
import { NEW, Page, pages } from "./page";
import { modelName } from "./station";

@customElement("pascom-admin-doors")
export class Doors extends Page {
  @state() private profiles: Profile[] = [];

  static override styles = [shared, rows, faces, pages];

  protected override arrived(): void {
    void this.tried(() => this.house.ask<{ profiles: Profile[] }>("profile/list")).then((found) => (this.profiles = found?.profiles ?? []));
  }

  protected override render(): TemplateResult {
    const { house, hass, name, profiles } = this;
    if (name === NEW) return html`<pascom-admin-door-wizard .house=${house} .hass=${hass} .profiles=${profiles}></pascom-admin-door-wizard>`;
    if (name) return html`<pascom-admin-door .house=${house} .hass=${hass} .name=${name} .profiles=${profiles}></pascom-admin-door>`;
    const doors = house.store.snapshot?.doors ?? [];
    return html`<div class="all">
      <div class="top"><h1>${t("area_doors")}</h1><button class="filled" @click=${() => this.go("doors", NEW)}>${icon(mdiPlus)}${t("door_add")}</button></div>
      <p class="about">${t("doors_about")}</p>
      ${doors.length ? html`<section class="card list">${doors.toSorted((a, b) => a.display_name.localeCompare(b.display_name)).map((door) => this.row(door))}</section>` : html`<p class="empty">${t("doors_none")}</p>`}
    </div>`;
  }

  private row(door: Door & { model?: string; provisioned?: boolean }): TemplateResult {
    const profile = this.profiles.find((each) => each.model === door.model);
    return html`<button class="row" @click=${() => this.go("doors", door.name)}>
      ${face(door.display_name, { symbol: mdiDoorClosed })}
      <span class="what"><span class="name" style="display:block">${door.display_name}</span>
        <span class="more" style="display:block">${door.extension}${profile ? ` · ${modelName(profile)}` : ""}</span></span>
      <span class="end"><span class="light ${door.connected ? "good" : "bad"}">${t(door.connected ? "connected" : "not_connected")}</span>
        ${door.provisioned ? html`<span title=${t("from_file")}>${icon(mdiLock)}</span>` : nothing}${icon(mdiChevronRight)}</span>
    </button>`;
  }
}
