/** One person: how they are called, who they are in Home Assistant, what they may, and their phones. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { conflict } from "../../components/form/conflict";
import { choiceField, forms, manyField, switchField, textField, type Choice } from "../../components/form/fields";
import { icon, mdiChevronLeft, mdiLock } from "../../components/icons";
import { rows, shared } from "../../components/style";
import { Draft } from "../../data/admin/draft";
import { byField } from "../../data/admin/faults";
import { g } from "../../data/admin/group-texts";
import { badExtension, linkable, type Household } from "../../data/admin/people";
import { t, type AdminKey } from "../../data/admin/texts";
import type { Account, AdminDevice, AdminUser, Seen, UserSettings } from "../../data/admin/wire";
import { refusal } from "../../data/link";
import { accountRows } from "./access";
import { mdiDeskphone, mdiPlus, mdiRestart } from "./icons";
import { LANGUAGES } from "./languages";
import { NEW, Page, pages } from "./page";

/** What the PBX takes for a user as a whole; the rest has commands of its own. */
const WHOLE = ["display_name", "extension", "roles", "language", "voicemail"] as const;
const LABELS: Partial<Record<keyof UserSettings, AdminKey>> = {
  display_name: "name", extension: "extension", roles: "roles", mobile: "mobile", language: "language", voicemail: "mailbox", ha_user: "home_assistant_user",
};
const EMPTY: UserSettings = {
  name: "", display_name: "", extension: "", roles: [], mobile: "", language: "", voicemail: false, has_account: true, devices: [], ha_user: null, provisioned: false,
};

@customElement("pascom-admin-user")
export class OneUser extends Page {
  @property({ attribute: false }) all!: Household;
  @state() private draft: Draft<UserSettings> | null = null;
  @state() private missing = false;
  @state() private account: Account | null = null;
  /** The phone whose access data are open, null for none; the first one has no name. */
  @state() private open: string | null = null;
  @state() private phone: string | null = null;
  @state() private sure = "";
  @state() private tick = 0;
  /** Of a user that was made just now. */
  private made = "";

  static override styles = [
    shared,
    rows,
    pages,
    forms,
    css`
      .phone { border-block-start: 1px solid var(--line); padding-block: 8px; display: grid; gap: 8px; }
      .phone:first-of-type { border: 0; }
      .phone .row { padding-inline: 0; }
      .adds { display: flex; gap: 8px; align-items: end; flex-wrap: wrap; }
      .adds > .entry { flex: 1 1 200px; }
    `,
  ];

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("name")) void this.begin();
  }

  private async begin(): Promise<void> {
    const { name } = this;
    if (name !== this.made) this.account = null;
    this.open = this.phone = null;
    this.sure = "";
    this.missing = false;
    if (name === NEW) {
      const roles = this.all.roles.filter((role) => role.name === "family").map((role) => role.name);
      this.draft = new Draft({ settings: { ...EMPTY, roles }, revision: "" });
      return;
    }
    this.draft = null;
    try {
      this.draft = new Draft(await this.read());
    } catch {
      this.missing = true;
    }
  }

  private readonly read = (): Promise<Seen<UserSettings>> => this.house.ask("user/settings", { user: this.name });

  protected override render(): TemplateResult {
    const { draft } = this;
    void this.tick;
    const fresh = this.name === NEW;
    return html`<div class="all">
      <div class="top"><button class="round" aria-label=${t("back")} @click=${() => this.go("users")}>${icon(mdiChevronLeft)}</button>
        <h1>${fresh ? t("user_add") : draft?.values.display_name || this.name}</h1></div>
      ${this.missing ? html`<p class="empty">${t("user_gone")}</p>` : nothing}
      ${draft === null ? nothing : html`${this.account ? this.welcome(this.account) : nothing}${this.form(draft, fresh)}${fresh ? nothing : this.phones(draft)}${fresh || draft.values.provisioned ? nothing : this.leaving(draft)}`}
    </div>`;
  }

  private welcome(account: Account): TemplateResult {
    return html`<section class="card"><h2>${t("user_made")}</h2><p class="about">${t("user_made_about")}</p>${accountRows(account)}</section>`;
  }

  private form(draft: Draft<UserSettings>, fresh: boolean): TemplateResult {
    const { values, faults } = draft;
    const fixed = values.provisioned;
    const set = (changes: Partial<UserSettings>): void => {
      draft.set(changes);
      this.tick += 1;
    };
    const people = linkable(this.all, values.name).map((each): Choice => [each.id, each.name ?? each.id]);
    return html`<form class="card form" @submit=${this.submit} novalidate>
      ${fixed ? html`<p class="about made">${icon(mdiLock)}<span>${t("from_file_about")}</span></p>` : nothing}
      ${conflict(draft, { labels: LABELS, said: (key, value) => this.said(key, value), mine: () => void this.save(() => draft.keepMine()), theirs: () => this.redraw(() => draft.takeTheirs()) })}
      <div class="pair">
        ${textField({ label: t("name"), value: values.display_name, fault: faults["display_name"], disabled: fixed, required: true, changed: (display_name) => set({ display_name }) })}
        ${textField({ label: t("extension"), value: values.extension, fault: faults["extension"], help: fresh ? t("extension_free") : t("extension_about"), type: "tel", disabled: fixed, changed: (extension) => set({ extension: extension.trim() }) })}
      </div>
      ${choiceField({ label: t("home_assistant_user"), value: values.ha_user ?? "", help: t("home_assistant_user_about"), fault: faults["ha_user"], choices: [["", t("nobody")], ...people], changed: (ha_user) => {
        const name = people.find(([id]) => id === ha_user)?.[1] ?? "";
        set({ ha_user: ha_user || null, ...(fresh && !values.display_name ? { display_name: name } : {}) });
      } })}
      ${manyField({ label: t("roles"), values: values.roles, help: t("roles_of_user_about"), fault: faults["roles"], disabled: fixed, choices: this.all.roles.map((role): Choice => [role.name, role.name]), changed: (roles) => set({ roles }) })}
      <div class="pair">
        ${textField({ label: t("mobile"), value: values.mobile, help: t("mobile_about"), fault: faults["mobile"], type: "tel", changed: (mobile) => set({ mobile }) })}
        ${choiceField({ label: t("language"), value: values.language, help: t("language_about"), disabled: fixed, choices: [["", t("language_usual")], ...LANGUAGES], changed: (language) => set({ language }) })}
      </div>
      ${switchField({ label: t("mailbox"), help: t("mailbox_about"), value: values.voicemail, disabled: fixed, changed: (voicemail) => set({ voicemail }) })}
      ${faults[""] ? html`<p class="fault" role="alert">${faults[""]}</p>` : nothing}
      <div class="ends"><button class="filled" type="submit" ?disabled=${draft.saving || (!fresh && !draft.changed)}>${fresh ? t("user_add") : t("save")}</button>
        ${fresh || !draft.changed ? nothing : html`<button class="tonal" type="button" @click=${() => void this.begin()}>${t("discard")}</button>`}</div>
    </form>`;
  }

  private said(key: string, value: unknown): string {
    if (key === "ha_user") return this.all.people.find((each) => each.id === value)?.name ?? t("nobody");
    if (Array.isArray(value)) return value.join(", ") || t("none");
    return typeof value === "boolean" ? t(value ? "yes" : "no") : String(value || t("none"));
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    void this.save();
  };

  private redraw(work: () => void): void {
    work();
    this.tick += 1;
  }

  private async save(first: () => void = () => undefined): Promise<void> {
    const { draft } = this;
    if (draft === null) return;
    first();
    const bad = this.faulty(draft);
    if (bad) {
      draft.faults = bad;
      this.tick += 1;
      return;
    }
    if (this.name === NEW) return this.add(draft);
    const done = draft.save((changes, revision) => this.send(changes, revision), this.read);
    this.tick += 1;
    if ((await done) === "saved") {
      const seen = await this.tried(this.read);
      if (seen) this.draft = new Draft(seen);
      this.house.say(t("saved"));
      this.dispatchEvent(new CustomEvent("changed"));
    }
    this.tick += 1;
  }

  /** What can be said in the reader's own language, before the PBX is asked. */
  private faulty({ values }: Draft<UserSettings>): Record<string, string> | null {
    const faults: Record<string, string> = {};
    if (!values.display_name.trim()) faults["display_name"] = t("fault_name");
    if (values.extension || this.name !== NEW) {
      const { doors = [], rooms = [], teams = [] } = this.house.store.snapshot ?? {};
      const bad = badExtension(values.extension, [...this.all.users, ...doors, ...rooms, ...teams], this.name);
      if (bad) faults["extension"] = bad === "fault_extension" ? t("fault_extension") : t("fault_taken", { extension: values.extension, name: bad.by });
    }
    return Object.keys(faults).length ? faults : null;
  }

  private async add(draft: Draft<UserSettings>): Promise<void> {
    const { display_name, extension, roles, language, voicemail, mobile, ha_user } = draft.values;
    draft.saving = true;
    this.tick += 1;
    try {
      const fields = { display_name: display_name.trim(), roles, language, voicemail, mobile, ...(extension ? { extension } : {}) };
      const { user, account } = await this.house.ask<{ user: AdminUser; account: Account }>("user/add", fields);
      this.account = account;
      this.made = user.name;
      if (ha_user) await this.tried(() => this.link(ha_user, user.name));
      this.dispatchEvent(new CustomEvent("changed"));
      this.go("users", user.name);
    } catch (error) {
      draft.faults = byField(refusal(error).english, Object.keys(draft.values));
    } finally {
      draft.saving = false;
      this.tick += 1;
    }
  }

  private async send(changes: Partial<UserSettings>, revision: string): Promise<void> {
    const { mobile, ha_user } = changes;
    const whole = Object.fromEntries(WHOLE.filter((key) => changes[key] !== undefined).map((key) => [key, changes[key]]));
    if (Object.keys(whole).length) await this.house.ask("user/update", { user: this.name, revision, ...whole });
    if (mobile !== undefined) await this.house.ask("user/set", { user: this.name, mobile });
    if (ha_user === undefined) return;
    const before = this.all.users.find((each) => each.name === this.name)?.ha_user;
    if (before) await this.house.ask("user/unlink", { ha_user: before });
    if (ha_user) await this.link(ha_user, this.name);
  }

  private async link(ha_user: string, user: string): Promise<void> {
    const name = this.all.people.find((each) => each.id === ha_user)?.name ?? "";
    await this.house.ask("user/link", { ha_user, name, user });
  }

  // Their phones

  private phones({ values }: Draft<UserSettings>): TemplateResult {
    const known = this.all.users.find((each) => each.name === this.name)?.devices ?? [];
    const phones = known.filter((each) => each.kind === "phone");
    return html`<section class="card"><h2>${t("phones_of_user")}</h2>
      <p class="about">${t("phones_of_user_about")}</p>
      <div>${phones.map((device) => this.device(device, values))}</div>
      <form class="adds" @submit=${(event: Event) => void this.addPhone(event)}>
        ${textField({ label: t("phone_name"), value: this.phone ?? "", placeholder: t("phone_name_example"), changed: (phone) => (this.phone = phone) })}
        <button class="tonal" type="submit" ?disabled=${!this.phone?.trim()}>${icon(mdiPlus)}${t("phone_add")}</button></form>
    </section>`;
  }

  private device(device: AdminDevice, values: UserSettings): TemplateResult {
    const further = values.devices.find((each) => each.account === device.account);
    const key = further ? device.name : "";
    const open = this.open === key;
    const title = further ? device.name : t("first_phone");
    return html`<div class="phone">
      <div class="row">${icon(mdiDeskphone)}<span class="what"><span class="name" style="display:block">${title}</span>
          <span class="light ${device.registered ? "good" : ""}">${device.registered ? device.user_agent || t("registered") : t("not_registered")}</span></span>
        ${device.registered && this.sure !== `restart:${key}` ? html`<button class="round" aria-label=${`${g("phone_restart")}: ${title}`} title=${g("phone_restart")} @click=${() => (this.sure = `restart:${key}`)}>${icon(mdiRestart)}</button>` : nothing}
        <button class="tonal" aria-expanded=${open} @click=${() => (this.open = open ? null : key)}>${t("phone_set_up")}</button></div>
      ${this.sure === `restart:${key}`
        ? html`<div class="ends"><span>${g("phone_restart_sure")}</span><button class="filled" @click=${() => void this.restart(key)}>${g("phone_restart")}</button><button class="tonal" @click=${() => (this.sure = "")}>${t("cancel")}</button></div>`
        : nothing}
      ${open
        ? html`<pascom-admin-access .house=${this.house} .hass=${this.hass} .user=${this.name} .device=${key} .readable=${!further && values.has_account}
              .account=${this.phoneAccount?.device === key ? this.phoneAccount.account : null}></pascom-admin-access>
            ${further && !further.provisioned
              ? html`<div class="ends">${this.sure === `phone:${key}`
                  ? html`<span>${t("phone_remove_sure")}</span><button class="red filled" @click=${() => void this.removePhone(key)}>${t("remove")}</button><button class="tonal" @click=${() => (this.sure = "")}>${t("cancel")}</button>`
                  : html`<button class="danger" @click=${() => (this.sure = `phone:${key}`)}>${t("phone_remove")}</button>`}</div>`
              : nothing}`
        : nothing}
    </div>`;
  }

  private phoneAccount: { device: string; account: Account } | null = null;

  private async addPhone(event: Event): Promise<void> {
    event.preventDefault();
    const device = this.phone?.trim() ?? "";
    if (!device) return;
    const added = await this.tried(() => this.house.ask<{ account: Account }>("user/add_device", { user: this.name, device }));
    if (!added) return;
    this.phoneAccount = { device, account: added.account };
    this.phone = null;
    await this.reread();
    this.open = device;
  }

  private async restart(device: string): Promise<void> {
    this.sure = "";
    if ((await this.tried(() => this.house.ask("provision/restart", { user: this.name, device }))) !== undefined) this.house.say(g("phone_told"));
  }

  private async removePhone(device: string): Promise<void> {
    this.sure = "";
    await this.tried(() => this.house.ask("user/remove_device", { user: this.name, device }));
    this.open = null;
    await this.reread();
  }

  /** What is being changed in the form stays as it is. */
  private async reread(): Promise<void> {
    const seen = await this.tried(this.read);
    if (seen && this.draft) {
      const { changes } = this.draft;
      this.draft = new Draft(seen);
      this.draft.set({ ...changes, devices: seen.settings.devices });
    }
    this.dispatchEvent(new CustomEvent("changed"));
  }

  private leaving({ values }: Draft<UserSettings>): TemplateResult {
    return html`<div class="ends">${this.sure === "user"
      ? html`<span>${t("user_remove_sure", { name: values.display_name })}</span>
          <button class="red filled" @click=${this.takeAway}>${t("remove")}</button><button class="tonal" @click=${() => (this.sure = "")}>${t("cancel")}</button>`
      : html`<button class="danger" @click=${() => (this.sure = "user")}>${t("user_remove")}</button>`}</div>`;
  }

  private readonly takeAway = async (): Promise<void> => {
    if ((await this.tried(() => this.house.ask("user/remove", { user: this.name }))) === undefined) return;
    this.dispatchEvent(new CustomEvent("changed"));
    this.go("users");
  };
}
