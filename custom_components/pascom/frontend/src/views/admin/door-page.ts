/** One door: whether it works, how it is set, and how its station logs in. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { conflict } from "../../components/form/conflict";
import { choiceField, forms, switchField, textField } from "../../components/form/fields";
import { icon, mdiChevronLeft, mdiLock } from "../../components/icons";
import { shared } from "../../components/style";
import { asChanges, faultsOf, FRESH, openingOf, type NewDoor } from "../../data/admin/doors";
import { Draft } from "../../data/admin/draft";
import { t, type AdminKey } from "../../data/admin/texts";
import type { Account, BellButton, DoorSettings, Profile, Seen } from "../../data/admin/wire";
import { accountRows } from "./access";
import "./door-test";
import { peopleOf } from "./choosing";
import { ringsField } from "./door-wizard";
import { mdiDelete, mdiKeyVariant, mdiPlus } from "./icons";
import { openingFields } from "./opening-fields";
import { Page, pages } from "./page";
import { modelName, stationNotes } from "./station";

const LABELS: Partial<Record<keyof DoorSettings, AdminKey>> = {
  display_name: "name", extension: "extension", model: "model", address: "station_address", rings: "rings", buttons: "buttons", ring_seconds: "ring_seconds",
  late_seconds: "late_seconds", leave_message: "leave_message", video_url: "video_url", image_url: "image_url", username: "username", in_call: "in_call", early: "early",
};
const EARLY = ["auto", "early_media", "silent_answer", "url"] as const;

@customElement("pascom-admin-door")
export class DoorPage extends Page {
  @property({ attribute: false }) profiles: Profile[] = [];
  @state() private draft: Draft<DoorSettings> | null = null;
  @state() private missing = false;
  @state() private account: Account | null = null;
  @state() private opening: NewDoor | null = null;
  @state() private password = "";
  @state() private sure = false;
  @state() private tick = 0;

  static override styles = [
    shared,
    pages,
    forms,
    css`
      .bell { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 2fr) 44px; gap: 8px; align-items: end; }
      .bells { display: grid; gap: 10px; }
    `,
  ];

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("name")) void this.begin();
  }

  private readonly begin = async (): Promise<void> => {
    this.draft = this.account = this.opening = null;
    this.password = "";
    this.sure = this.missing = false;
    try {
      this.draft = new Draft(await this.read());
    } catch {
      this.missing = true;
    }
  };

  private readonly read = (): Promise<Seen<DoorSettings>> => this.house.ask("door/settings", { door: this.name });

  protected override render(): TemplateResult {
    const { draft } = this;
    void this.tick;
    return html`<div class="all">
      <div class="top"><button class="round" aria-label=${t("back")} @click=${() => this.go("doors")}>${icon(mdiChevronLeft)}</button>
        <h1>${draft?.values.display_name ?? this.name}</h1></div>
      ${this.missing ? html`<p class="empty">${t("door_gone")}</p>` : nothing}
      ${draft === null ? nothing : html`
        <pascom-admin-door-test .house=${this.house} .hass=${this.hass} .name=${this.name}></pascom-admin-door-test>
        ${this.form(draft)}${this.access(draft.values)}${draft.values.provisioned ? nothing : this.leaving(draft.values)}`}
    </div>`;
  }

  private form(draft: Draft<DoorSettings>): TemplateResult {
    const { values, faults } = draft;
    const fixed = values.provisioned;
    const set = (changes: Partial<DoorSettings>): void => {
      draft.set(changes);
      this.tick += 1;
    };
    const number = (value: string): number => Number(value.replace(",", ".")) || 0;
    const text = (key: "address" | "video_url" | "image_url" | "username", label: string, more: { help?: string; placeholder?: string } = {}): TemplateResult =>
      textField({ label, value: values[key], fault: faults[key], disabled: fixed, ...more, changed: (value) => set({ [key]: value.trim() }) });
    const dirty = draft.changed || this.password !== "" || this.opening !== null;
    return html`<form class="card form" novalidate @submit=${this.submit}><h2>${t("settings")}</h2>
      ${fixed ? html`<p class="about made">${icon(mdiLock)}<span>${t("from_file_about")}</span></p>` : nothing}
      ${conflict(draft, { labels: LABELS, said: (key, value) => this.said(key, value), mine: () => void this.save(() => draft.keepMine()), theirs: () => { draft.takeTheirs(); this.tick += 1; } })}
      <div class="pair">
        ${textField({ label: t("name"), value: values.display_name, fault: faults["display_name"], disabled: fixed, changed: (display_name) => set({ display_name }) })}
        ${textField({ label: t("extension"), value: values.extension, fault: faults["extension"], disabled: fixed, type: "tel", changed: (extension) => set({ extension: extension.trim() }) })}
      </div>
      ${ringsField(values.rings, peopleOf(this.house.store.snapshot?.users ?? []), (rings) => set({ rings }), faults["rings"], fixed)}
      ${switchField({ label: t("leave_message"), help: t("leave_message_about"), value: values.leave_message, disabled: fixed, changed: (leave_message) => set({ leave_message }) })}
      ${this.opens(values, faults, fixed)}
      <details><summary>${t("buttons")}</summary>${this.buttons(values, fixed, set, faults["buttons"])}</details>
      <details ?open=${["address", "video_url", "image_url", "username", "model"].some((key) => faults[key])}><summary>${t("station_and_picture")}</summary><div class="form">
        ${choiceField({ label: t("model"), value: values.model, disabled: fixed, fault: faults["model"], choices: this.profiles.map((each) => [each.model, modelName(each)] as const), changed: (model) => set({ model }) })}
        ${text("address", t("station_address"), { help: t("station_address_about"), placeholder: "192.168.178.20" })}
        <div class="pair">${text("username", t("username"), { help: t("station_account_about") })}
          ${textField({ label: t("password"), value: this.password, type: "password", autocomplete: "new-password", disabled: fixed, placeholder: values.has_password ? "••••••••" : "", help: values.has_password ? t("password_kept") : undefined, changed: (password) => (this.password = password) })}</div>
        ${text("video_url", t("video_url"), { help: t("video_url_about"), placeholder: "rtsp://…" })}
        ${text("image_url", t("image_url"), { placeholder: "http://…" })}
        ${switchField({ label: t("in_call"), help: t("in_call_about"), value: values.in_call, disabled: fixed, changed: (in_call) => set({ in_call }) })}
        ${choiceField({ label: t("early"), value: values.early, disabled: fixed, choices: EARLY.map((each) => [each, t(`early_${each}`)] as const), changed: (early) => set({ early }) })}
        <div class="pair">
          ${textField({ label: t("ring_seconds"), value: `${values.ring_seconds}`, type: "number", disabled: fixed, fault: faults["ring_seconds"], changed: (value) => set({ ring_seconds: number(value) }) })}
          ${textField({ label: t("late_seconds"), value: `${values.late_seconds}`, type: "number", disabled: fixed, fault: faults["late_seconds"], help: t("late_seconds_about"), changed: (value) => set({ late_seconds: number(value) }) })}</div>
      </div></details>
      ${faults[""] ? html`<p class="fault" role="alert">${faults[""]}</p>` : nothing}
      ${fixed ? nothing : html`<div class="ends"><button class="filled" type="submit" ?disabled=${draft.saving || !dirty}>${t("save")}</button>
        ${dirty ? html`<button class="tonal" type="button" @click=${this.begin}>${t("discard")}</button>` : nothing}</div>`}
    </form>`;
  }

  private opens(values: DoorSettings, faults: Record<string, string>, fixed: boolean): TemplateResult {
    const now = values.open.length
      ? values.open.map((way) => (way.kind === "http" ? t("opens_http", { host: way.host ?? "" }) : t(`opens_${way.kind}`))).join(", ")
      : t("opens_profile");
    if (this.opening)
      return openingFields(this.opening, { ways: ["profile", "dtmf", "http", "event"], faults: { ...faults }, set: (changes) => (this.opening = { ...this.opening!, ...changes }) });
    return html`<div class="entry"><span class="label">${t("opening")}</span>
      <div class="ends"><span>${now}</span>${fixed ? nothing : html`<button class="tonal" type="button" @click=${() => (this.opening = { ...FRESH, display_name: "-" })}>${t("change")}</button>`}</div></div>`;
  }

  private buttons(values: DoorSettings, fixed: boolean, set: (changes: Partial<DoorSettings>) => void, fault?: string): TemplateResult {
    const { buttons } = values;
    const people = peopleOf(this.house.store.snapshot?.users ?? []);
    const change = (index: number, changes: Partial<BellButton>): void => set({ buttons: buttons.map((each, at) => (at === index ? { ...each, ...changes } : each)) });
    return html`<div class="bells"><p class="about">${t("buttons_about")}</p>
      ${buttons.map((button, index) => html`<div class="bell">
          ${textField({ label: t("button_number"), value: button.number, disabled: fixed, changed: (number) => change(index, { number: number.trim() }) })}
          ${textField({ label: t("button_name"), value: button.name, disabled: fixed, changed: (name) => change(index, { name }) })}
          ${fixed ? nothing : html`<button type="button" class="round" aria-label=${t("button_remove", { name: button.name })} @click=${() => set({ buttons: buttons.filter((_, at) => at !== index) })}>${icon(mdiDelete)}</button>`}
        </div>${ringsField(button.rings, people, (rings) => change(index, { rings }), undefined, fixed)}`)}
      ${fault ? html`<p class="fault" role="alert">${fault}</p>` : nothing}
      ${fixed ? nothing : html`<div><button type="button" class="tonal" @click=${() => set({ buttons: [...buttons, { number: "", name: "", rings: [] }] })}>${icon(mdiPlus)}${t("button_add")}</button></div>`}</div>`;
  }

  private said(key: string, value: unknown): string {
    if (key === "rings" && Array.isArray(value)) return value.map((each) => (each === "*" ? t("everyone") : this.house.store.nameOf(String(each)))).join(", ") || t("none");
    if (key === "buttons" && Array.isArray(value)) return (value as BellButton[]).map((each) => each.name).join(", ") || t("none");
    if (key === "early") return t(`early_${value as (typeof EARLY)[number]}`);
    return typeof value === "boolean" ? t(value ? "yes" : "no") : String(value === "" ? t("none") : value);
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    void this.save();
  };

  private async save(first: () => void = () => undefined): Promise<void> {
    const { draft, opening, password } = this;
    if (draft === null || draft.saving) return;
    first();
    const missing = opening ? faultsOf(opening) : {};
    if (Object.keys(missing).length) {
      draft.faults = Object.fromEntries(Object.entries(missing).map(([key, fault]) => [key, t(fault)]));
      this.tick += 1;
      return;
    }
    const open = opening ? (openingOf(opening) ?? []) : null;
    const saving = draft.save((changes, revision) => this.house.ask("door/update", { door: this.name, revision, ...asChanges(changes, { password, open }) }), this.read);
    this.tick += 1;
    if ((await saving) === "saved") {
      const seen = await this.tried(this.read);
      if (seen) this.draft = new Draft(seen);
      this.opening = null;
      this.password = "";
      this.house.say(t("saved"));
    }
    this.tick += 1;
  }

  private access({ model }: DoorSettings): TemplateResult {
    const profile = this.profiles.find((each) => each.model === model);
    return html`<section class="card"><h2>${t("station_enter")}</h2>
      ${profile ? html`<p style="margin:0">${stationNotes(profile)}</p>` : nothing}
      ${this.account ? accountRows(this.account) : html`<div><button class="tonal" @click=${this.show}>${icon(mdiKeyVariant)}${t("access_show")}</button></div>`}
    </section>`;
  }

  private readonly show = async (): Promise<void> => {
    this.account = (await this.tried(() => this.house.ask<{ account: Account }>("door/account", { door: this.name })))?.account ?? null;
  };

  private leaving({ display_name: name }: DoorSettings): TemplateResult {
    return html`<div class="ends">${this.sure
      ? html`<span>${t("door_remove_sure", { name })}</span><button class="red filled" @click=${this.takeAway}>${t("remove")}</button><button class="tonal" @click=${() => (this.sure = false)}>${t("cancel")}</button>`
      : html`<button class="danger" @click=${() => (this.sure = true)}>${t("door_remove")}</button>`}</div>`;
  }

  private readonly takeAway = async (): Promise<void> => {
    if ((await this.tried(() => this.house.ask("door/remove", { door: this.name }))) !== undefined) this.go("doors");
  };
}
