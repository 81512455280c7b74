/** Who may what: a column for each role, a row for each door, room and kind of call. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { forms, textField } from "../../components/form/fields";
import { icon, mdiLock } from "../../components/icons";
import { shared } from "../../components/style";
import { asSaved, DIAL, flipped, follows, has, type Change, type List } from "../../data/admin/rights";
import { t } from "../../data/admin/texts";
import { EVERYONE, type AdminUser, type Role } from "../../data/admin/wire";
import { refusal } from "../../data/link";
import { mdiDelete, mdiPlus } from "./icons";
import { Page, pages } from "./page";

@customElement("pascom-admin-roles")
export class Roles extends Page {
  @state() private roles: Role[] | null = null;
  @state() private users: AdminUser[] = [];
  @state() private fresh = "";
  @state() private fault = "";
  @state() private sure = "";
  private seen: unknown = null;

  static override styles = [
    shared,
    pages,
    forms,
    css`
      .scroll { overflow-x: auto; width: fit-content; max-width: 100%; border-radius: var(--radius); border: 1px solid var(--line); background: var(--card); }
      table { border-collapse: separate; border-spacing: 0; }
      th, td { padding: 4px 12px; text-align: center; border-block-end: 1px solid var(--line); font-weight: 400; }
      tr:last-child > * { border-block-end: 0; }
      th:first-child, thead td { text-align: start; position: sticky; inset-inline-start: 0; background: var(--card); z-index: 1; width: 320px; min-width: 180px; max-width: 46vw; overflow-wrap: anywhere; }
      thead th { font-weight: 500; vertical-align: bottom; padding-block: 12px; min-width: 120px; }
      thead small { display: block; color: var(--faint); font-weight: 400; font-size: 13px; }
      tbody.group > tr:first-child > th { font-size: 14px; font-weight: 500; color: var(--faint); padding-block: 16px 6px; background: color-mix(in srgb, var(--text) 4%, var(--card)); }
      tbody.group > tr:first-child > td { background: color-mix(in srgb, var(--text) 4%, var(--card)); }
      label { display: inline-grid; place-items: center; min-width: 44px; min-height: 44px; cursor: pointer; }
      input[type="checkbox"] { width: 22px; height: 22px; accent-color: var(--accent); margin: 0; }
      .mark { display: inline-flex; gap: 4px; align-items: center; justify-content: center; }
      .mark .icon { width: 18px; height: 18px; color: var(--faint); }
      .adds { display: flex; gap: 8px; align-items: end; flex-wrap: wrap; }
      .adds > .entry { flex: 1 1 220px; max-width: 360px; }
    `,
  ];

  protected override arrived(): void {
    void this.look();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { snapshot } = this.house.store;
    // A changed role is told as a new directory.
    if (this.seen !== null && snapshot?.doors !== this.seen) void this.look();
    this.seen = snapshot?.doors ?? null;
  }

  private readonly look = async (): Promise<void> => {
    const { ask } = this.house;
    const found = await this.latest(() => Promise.all([ask<{ roles: Role[] }>("role/list"), ask<{ users: AdminUser[] }>("user/list")]));
    if (!found) return;
    [{ roles: this.roles }, { users: this.users }] = found;
  };

  protected override render(): TemplateResult {
    const { roles } = this;
    if (roles === null) return html`<p class="empty">${t("loading")}</p>`;
    const { doors = [], rooms = [] } = this.house.store.snapshot ?? {};
    const fixed = roles.some((role) => role.provisioned);
    return html`<div class="all wide">
      <div class="top"><h1>${t("area_roles")}</h1></div>
      <p class="about">${t("roles_about")}</p>
      ${fixed ? html`<p class="about made">${icon(mdiLock)}<span>${t("roles_from_file_about")}</span></p>` : nothing}
      <div class="scroll" tabindex="0" role="region" aria-label=${t("area_roles")}><table>
        <thead><tr><td></td>${roles.map((role) => this.head(role))}</tr></thead>
        ${this.group(t("rights_see"), roles, "see", [[EVERYONE, t("every_door")], ...doors.map((each) => [each.name, each.display_name] as const)])}
        ${this.group(t("rights_open"), roles, "open", [[EVERYONE, t("every_door")], ...doors.map((each) => [each.name, each.display_name] as const)])}
        ${rooms.length ? this.group(t("rights_rooms"), roles, "rooms", [[EVERYONE, t("every_room")], ...rooms.map((each) => [each.name, each.display_name] as const)]) : nothing}
        ${this.group(t("rights_dial"), roles, "dial", DIAL.map((each) => [each, t(`dial_${each}`)] as const))}
        <tbody class="group"><tr><th scope="rowgroup">${t("rights_more")}</th>${roles.map(() => html`<td></td>`)}</tr>
          ${this.flag(t("rights_pickup"), roles, "pickup")}
          ${roles.some((role) => role.phonebook !== undefined) ? this.flag(t("rights_phonebook"), roles, "phonebook") : nothing}</tbody>
      </table></div>
      <p class="about">${t("rights_emergency")}</p>
      <form class="adds" @submit=${(event: Event) => void this.add(event)}>
        ${textField({ label: t("role_new"), value: this.fresh, fault: this.fault, placeholder: t("role_example"), changed: (name) => { this.fresh = name; this.fault = ""; } })}
        <button class="tonal" type="submit" ?disabled=${!this.fresh.trim()}>${icon(mdiPlus)}${t("role_add")}</button></form>
    </div>`;
  }

  private head(role: Role): TemplateResult {
    const people = this.users.filter((user) => user.roles.includes(role.name));
    const names = people.map((user) => user.display_name).join(", ");
    return html`<th scope="col"><span class="mark">${role.name}${role.provisioned ? html`<span title=${t("from_file")}>${icon(mdiLock)}</span>` : nothing}</span>
      <small title=${names}>${people.length ? t("people_count", { count: people.length }) : t("people_none")}</small>
      ${role.provisioned ? nothing : this.sure === role.name
        ? html`<button class="red filled" @click=${() => void this.takeAway(role)}>${t("remove")}</button><button @click=${() => (this.sure = "")}>${t("cancel")}</button>`
        : html`<button class="round" aria-label=${t("role_remove", { role: role.name })} title=${t("role_remove", { role: role.name })} @click=${() => (this.sure = role.name)}>${icon(mdiDelete)}</button>`}</th>`;
  }

  private group(title: string, roles: Role[], list: List, things: readonly (readonly [string, string])[]): TemplateResult {
    return html`<tbody class="group"><tr><th scope="rowgroup">${title}</th>${roles.map(() => html`<td></td>`)}</tr>
      ${things.map(([name, label]) => html`<tr><th scope="row">${label}</th>${roles.map((role) => html`<td>${this.box(role, `${title}: ${label}`, has(role, list, name), role.provisioned || follows(role, list, name), (on) => flipped(role, list, name, on))}</td>`)}</tr>`)}</tbody>`;
  }

  private flag(label: string, roles: Role[], key: "pickup" | "phonebook"): TemplateResult {
    return html`<tr><th scope="row">${label}</th>${roles.map((role) => html`<td>${this.box(role, label, role[key] ?? false, role.provisioned, (on) => ({ [key]: on }))}</td>`)}</tr>`;
  }

  private box(role: Role, what: string, on: boolean, fixed: boolean, change: (on: boolean) => Change): TemplateResult {
    return html`<label><span class="hidden">${role.name}, ${what}</span><input type="checkbox" .checked=${on} ?disabled=${fixed}
      @change=${(event: Event) => void this.save(role, change((event.target as HTMLInputElement).checked))} /></label>`;
  }

  /** At once, of the state that is shown: where somebody else was first, what they made of it is shown and nothing done. */
  private async save(role: Role, change: Change): Promise<void> {
    this.roles = this.roles?.map((each) => (each === role ? { ...role, ...change } : each)) ?? null;
    try {
      const { role: now } = await this.house.ask<{ role: Role }>("role/save", asSaved(role, change));
      this.roles = this.roles?.map((each) => (each.name === now.name ? now : each)) ?? null;
    } catch (error) {
      const { code, message } = refusal(error);
      this.house.say(code === "conflict" ? t("role_changed_meanwhile") : message, true);
      await this.look();
    }
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault();
    const role = this.fresh.trim();
    if (this.roles?.some((each) => each.name === role)) {
      this.fault = t("role_there");
      return;
    }
    try {
      await this.house.ask("role/save", { role, see: [], open: [], rooms: [] });
      this.fresh = "";
      await this.look();
    } catch (error) {
      this.fault = /letters, digits/.test(refusal(error).message) ? t("fault_role") : refusal(error).message;
    }
  }

  private async takeAway(role: Role): Promise<void> {
    this.sure = "";
    await this.tried(() => this.house.ask("role/remove", { role: role.name }));
    await this.look();
  }
}
