/** Everybody who has an extension; one of them in detail. */

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { face, faces } from "../../components/avatar";
import { icon, mdiLock } from "../../components/icons";
import { presenceText } from "../../components/people";
import { rows, shared } from "../../components/style";
import { household, type Household } from "../../data/admin/people";
import { t } from "../../data/admin/texts";
import type { AdminUser } from "../../data/admin/wire";
import { presenceOf } from "../../data/presence";
import { mdiChevronRight, mdiPlus } from "./icons";
import "./newcomers";
import { NEW, Page, pages } from "./page";
import "./user";

@customElement("pascom-admin-users")
export class Users extends Page {
  @state() private all: Household | null = null;
  private seen: unknown = null;

  static override styles = [shared, rows, faces, pages];

  protected override arrived(): void {
    void this.look();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    // Whatever happens to people is told in the snapshot; the rest is asked for then.
    const users = this.house.store.snapshot?.users ?? null;
    if (users !== this.seen && this.seen !== null) void this.look();
    this.seen = users;
  }

  protected override render(): TemplateResult {
    const { all } = this;
    if (all === null) return html`<p class="empty">${t("loading")}</p>`;
    if (this.name) return html`<pascom-admin-user .house=${this.house} .hass=${this.hass} .name=${this.name} .all=${all} @changed=${this.look}></pascom-admin-user>`;
    return html`<div class="all">
      <div class="top"><h1>${t("area_users")}</h1><button class="filled" @click=${() => this.go("users", NEW)}>${icon(mdiPlus)}${t("user_add")}</button></div>
      <p class="about">${t("users_about")}</p>
      ${all.users.length ? html`<section class="card list">${all.users.map((user) => this.row(user, all))}</section>` : html`<p class="empty">${t("users_none")}</p>`}
      <pascom-admin-newcomers .house=${this.house} .hass=${this.hass} .entry=${this.entry} .all=${all} @changed=${this.look}></pascom-admin-newcomers>
    </div>`;
  }

  private row(user: AdminUser, { people }: Household): TemplateResult {
    const linked = people.find((each) => each.id === user.ha_user)?.name;
    return html`<button class="row" @click=${() => this.go("users", user.name)}>
      ${face(user.display_name, { presence: presenceOf(user) })}
      <span class="what"><span class="name" style="display:block">${user.display_name}</span>
        <span class="more" style="display:block">${user.extension} · ${presenceText(user)}${linked && linked !== user.display_name ? ` · ${t("is_in_home_assistant", { name: linked })}` : ""}</span></span>
      <span class="end">${user.provisioned ? html`<span title=${t("from_file")}>${icon(mdiLock)}</span>` : nothing}${icon(mdiChevronRight)}</span>
    </button>`;
  }

  private readonly look = async (): Promise<void> => {
    this.all = (await this.latest(() => household(this.house.ask, this.hass))) ?? this.all;
  };
}
