/** A new door, step by step: its model, its name and whom it rings, what to enter in the station, and whether it works. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { forms, textField, type Choice } from "../../components/form/fields";
import { icon, mdiCheck, mdiChevronLeft } from "../../components/icons";
import { shared } from "../../components/style";
import { asCommand, faultsOf, FRESH, waysOf, type NewDoor } from "../../data/admin/doors";
import { byField } from "../../data/admin/faults";
import { t } from "../../data/admin/texts";
import { EVERYONE, type Account, type Profile } from "../../data/admin/wire";
import { refusal } from "../../data/link";
import type { Door } from "../../data/wire";
import { accountRows } from "./access";
import { peopleOf, someOf } from "./choosing";
import "./door-test";
import { openingFields } from "./opening-fields";
import { Page, pages } from "./page";
import { modelName, stationNotes } from "./station";

const STEPS = ["wizard_model", "wizard_door", "wizard_station", "wizard_test"] as const;

@customElement("pascom-admin-door-wizard")
export class DoorWizard extends Page {
  @property({ attribute: false }) profiles: Profile[] = [];
  @state() private step = 0;
  @state() private door: NewDoor = FRESH;
  @state() private faults: Record<string, string> = {};
  @state() private account: Account | null = null;
  @state() private made = "";
  @state() private busy = false;

  static override styles = [
    shared,
    pages,
    forms,
    css`
      .steps { list-style: none; display: flex; gap: 8px; margin: 0; padding: 0; }
      .steps li { flex: 1; font-size: 14px; color: var(--faint); border-block-start: 4px solid var(--soft); padding-block-start: 8px; }
      .steps li.done, .steps li[aria-current] { border-color: var(--accent); }
      .steps li[aria-current] { color: var(--text); font-weight: 500; }
      .models { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(210px, 100%), 1fr)); gap: 12px; }
      .model { border: 1px solid var(--line); background: var(--card); border-radius: var(--radius); padding: 14px; display: grid; gap: 2px; justify-content: start; justify-items: start; align-content: start; text-align: start; min-height: 88px; }
      .model:hover { border-color: var(--accent); }
      .model strong { font-weight: 500; font-size: 18px; }
      .model small { color: var(--faint); font-size: 14px; }
    `,
  ];

  protected override render(): TemplateResult {
    const { step } = this;
    return html`<div class="all">
      <div class="top"><button class="round" aria-label=${t("back")} @click=${this.back}>${icon(mdiChevronLeft)}</button><h1>${t("door_add")}</h1></div>
      <ol class="steps">${STEPS.map((each, index) => html`<li class=${index < step ? "done" : ""} aria-current=${index === step ? "step" : nothing}>${t(each)}</li>`)}</ol>
      ${step === 0 ? this.models() : step === 1 ? this.details() : step === 2 ? this.station() : this.test()}
    </div>`;
  }

  private get profile(): Profile | undefined {
    return this.profiles.find((each) => each.model === this.door.model);
  }

  private readonly back = (): void => {
    if (this.step === 0 || this.made) this.go("doors", this.step === 0 ? "" : this.made);
    else this.step -= 1;
  };

  private models(): TemplateResult {
    const generic = this.profiles.filter((each) => !each.manufacturer);
    const others = this.profiles.filter((each) => each.manufacturer).toSorted((a, b) => a.manufacturer.localeCompare(b.manufacturer));
    return html`<p class="about">${t("wizard_model_about")}</p>
      <div class="models">${[...others, ...generic].map((each) => html`<button class="model" @click=${() => this.choose(each)}>
        <strong>${modelName(each)}</strong><small>${each.manufacturer ? each.name : t("model_generic_about")}</small></button>`)}</div>`;
  }

  private choose(profile: Profile): void {
    this.door = { ...this.door, model: profile.model, way: waysOf(profile)[0]! };
    this.step = 1;
  }

  private readonly set = (changes: Partial<NewDoor>): void => {
    this.door = { ...this.door, ...changes };
    for (const key of Object.keys(changes)) delete this.faults[key];
  };

  private details(): TemplateResult {
    const { door, faults, set, profile } = this;
    const reaches = profile?.http || profile?.pictures;
    return html`<form class="card form" novalidate @submit=${this.add}>
      ${textField({ label: t("name"), value: door.display_name, placeholder: t("door_name_example"), fault: faults["display_name"], required: true, changed: (display_name) => set({ display_name }) })}
      ${ringsField(door.rings, this.people, (rings) => set({ rings }), faults["rings"])}
      ${openingFields(door, { ways: waysOf(profile), faults, set })}
      ${reaches || door.address
        ? html`${textField({ label: t("station_address"), value: door.address, placeholder: "192.168.178.20", help: t("station_address_about"), fault: faults["address"], changed: (address) => set({ address }) })}
            <div class="pair">${textField({ label: t("username"), value: door.username, help: t("station_account_about"), fault: faults["username"], changed: (username) => set({ username }) })}
            ${textField({ label: t("password"), value: door.password, type: "password", autocomplete: "new-password", fault: faults["password"], changed: (password) => set({ password }) })}</div>`
        : nothing}
      ${faults[""] ? html`<p class="fault" role="alert">${faults[""]}</p>` : nothing}
      <div class="ends"><button class="filled" type="submit" ?disabled=${this.busy}>${t("continue")}</button></div>
    </form>`;
  }

  private get people(): Choice[] {
    return peopleOf(this.house.store.snapshot?.users ?? []);
  }

  private readonly add = async (event: Event): Promise<void> => {
    event.preventDefault();
    this.faults = Object.fromEntries(Object.entries(faultsOf(this.door)).map(([key, fault]) => [key, t(fault)]));
    if (Object.keys(this.faults).length || this.busy) return;
    this.busy = true;
    try {
      const { door, account } = await this.house.ask<{ door: Door; account: Account }>("door/add", asCommand(this.door));
      this.account = account;
      this.made = door.name;
      this.step = 2;
    } catch (error) {
      this.faults = byField(refusal(error).english, [...Object.keys(this.door), "open"]);
    } finally {
      this.busy = false;
    }
  };

  private station(): TemplateResult {
    const connected = this.house.store.door(this.made)?.connected ?? false;
    const { profile, account } = this;
    return html`<section class="card"><h2>${t("station_enter")}</h2>
        ${profile ? html`<p style="margin:0">${stationNotes(profile)}</p>` : nothing}
        ${account ? accountRows(account) : nothing}
        <p class="about">${t("access_once_station")}</p></section>
      <section class="card"><span class="light ${connected ? "good" : "waits"}" role="status">${connected ? t("test_connected_yes") : t("station_waits")}</span>
        <div class="ends"><button class=${connected ? "filled" : "tonal"} @click=${() => (this.step = 3)}>${t(connected ? "continue" : "continue_without")}</button></div></section>`;
  }

  private test(): TemplateResult {
    return html`<pascom-admin-door-test .house=${this.house} .hass=${this.hass} .name=${this.made}></pascom-admin-door-test>
      <div class="ends"><button class="filled" @click=${() => this.go("doors", this.made)}>${icon(mdiCheck)}${t("done")}</button></div>`;
  }
}

/** Whom a door rings: everybody who may see it, or these. */
export function ringsField(rings: readonly string[], people: readonly Choice[], changed: (rings: string[]) => void, fault?: string, disabled = false): TemplateResult {
  const help = rings.includes(EVERYONE) ? t("rings_everyone_about") : rings.length ? undefined : t("rings_nobody");
  return someOf({ label: t("rings"), help, fault, disabled, values: rings, choices: people, changed });
}
