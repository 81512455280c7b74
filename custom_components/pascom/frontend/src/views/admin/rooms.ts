/** Conference rooms: who comes in, and how one meets there. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { conflict } from "../../components/form/conflict";
import { choiceField, forms, switchField, textField } from "../../components/form/fields";
import { icon, mdiEye } from "../../components/icons";
import { rows, shared } from "../../components/style";
import { Draft } from "../../data/admin/draft";
import { g, type GroupKey } from "../../data/admin/group-texts";
import { NEW_ROOM, newPin, pinFaults, roomChanges, SWITCHES, type RoomSettings } from "../../data/admin/groups";
import { t } from "../../data/admin/texts";
import type { Seen } from "../../data/admin/wire";
import { GroupPage } from "./groups-list";
import { mdiDice, mdiTableChair } from "./icons";
import { LANGUAGES } from "./languages";
import { NEW, pages } from "./page";

const ABOUT: Partial<Record<(typeof SWITCHES)[number], GroupKey>> = {
  announce_join_leave: "opt_announce_join_leave_about", record_conference: "opt_record_conference_about", wait_marked: "opt_wait_marked_about",
};
/** They mean something only where there are leaders. */
const LED: readonly string[] = ["wait_marked", "end_marked"];

@customElement("pascom-admin-rooms")
export class Rooms extends GroupPage<RoomSettings> {
  protected override readonly area = "rooms";
  protected override readonly kind = "room";
  protected override readonly symbol = mdiTableChair;
  @state() private shown = false;

  static override styles = [shared, rows, pages, forms, css`.pins { display: flex; flex-wrap: wrap; gap: 8px; }`];

  protected override all(): { name: string; display_name: string; extension: string; provisioned?: boolean }[] {
    return this.house.store.snapshot?.rooms ?? [];
  }

  protected override more({ name }: { name: string }): string {
    const room = this.house.store.snapshot?.rooms.find((each) => each.name === name);
    const inside = room?.participants.length ?? 0;
    return [g(room?.has_pin ? "room_with_pin" : "room_free"), ...(inside ? [g("room_in_it", { count: inside })] : [])].join(" · ");
  }

  protected override async begin(): Promise<void> {
    this.shown = this.name === NEW;
    if (this.name === NEW) {
      this.draft = new Draft({ settings: { ...NEW_ROOM, pin: newPin("") }, revision: "" });
      return;
    }
    try {
      this.draft = new Draft(await this.read());
    } catch {
      this.missing = true;
    }
  }

  private readonly read = async (): Promise<Seen<RoomSettings>> => {
    const which = { room: this.name };
    const [{ settings, revision }, { pin, admin_pin }] = await Promise.all([
      this.house.ask<Seen<RoomSettings>>("room/settings", which), this.house.ask<{ pin: string; admin_pin: string }>("room/pin", which),
    ]);
    return { settings: { ...settings, pin, admin_pin }, revision };
  };

  protected override form(draft: Draft<RoomSettings>, fresh: boolean): TemplateResult {
    const { values, faults } = draft;
    const fixed = values.provisioned;
    const set = (changes: Partial<RoomSettings>): void => this.redraw(() => draft.set(changes));
    const number = (key: "max_members" | "minutes"): TemplateResult =>
      textField({ label: g(key), value: `${values[key]}`, type: "number", help: g("no_limit"), fault: faults[key], disabled: fixed, changed: (value) => set({ [key]: Math.max(0, Math.trunc(Number(value) || 0)) }) });
    return html`<form class="card form" novalidate @submit=${this.submit}>
      ${fixed ? this.fixed() : nothing}
      ${conflict(draft, { labels: { display_name: "name", extension: "extension", language: "language" }, said: said, mine: () => void this.save(() => draft.keepMine()), theirs: () => this.redraw(() => draft.takeTheirs()) })}
      <div class="pair">
        ${textField({ label: t("name"), value: values.display_name, placeholder: g("room_example"), fault: faults["display_name"], disabled: fixed, required: true, changed: (display_name) => set({ display_name }) })}
        ${textField({ label: t("extension"), value: values.extension, fault: faults["extension"], help: fresh ? t("extension_free") : undefined, type: "tel", disabled: fixed, changed: (extension) => set({ extension: extension.trim() }) })}
      </div>
      ${choiceField({ label: g("entry"), value: values.pin ? "pin" : "free", disabled: fixed, help: values.pin ? undefined : g("entry_free_about"), choices: [["pin", g("entry_pin")], ["free", g("entry_free")]], changed: (way) => set({ pin: way === "pin" ? newPin(values.admin_pin) : "" }) })}
      ${values.pin || values.admin_pin ? this.pins(values, faults, fixed, set) : nothing}
      ${switchField({ label: g("leaders"), help: g("leaders_about"), value: values.admin_pin !== "", disabled: fixed, changed: (on) => set(on ? { admin_pin: newPin(values.pin) } : { admin_pin: "", wait_marked: false, end_marked: false }) })}
      <details ?open=${Boolean(faults["max_members"] || faults["minutes"])}><summary>${g("room_options")}</summary><div class="form">
        ${SWITCHES.filter((each) => values.admin_pin !== "" || !LED.includes(each)).map((each) => {
          const about = ABOUT[each];
          return switchField({ label: g(`opt_${each}`), ...(about ? { help: g(about) } : {}), value: values[each], disabled: fixed, changed: (on) => set({ [each]: on }) });
        })}
        <div class="pair">${number("max_members")}${number("minutes")}
          ${choiceField({ label: t("language"), value: values.language, disabled: fixed, choices: [["", t("language_usual")], ...LANGUAGES], changed: (language) => set({ language }) })}</div>
      </div></details>
      ${this.ends(draft, fresh)}
    </form>`;
  }

  private pins(values: RoomSettings, faults: Record<string, string>, fixed: boolean, set: (changes: Partial<RoomSettings>) => void): TemplateResult {
    const type = this.shown ? "text" : "password";
    return html`<div class="pair">
        ${values.pin ? textField({ label: g("pin"), value: values.pin, type, autocomplete: "off", help: g("pin_about"), fault: faults["pin"], disabled: fixed, changed: (pin) => set({ pin: pin.trim() || values.pin }) }) : nothing}
        ${values.admin_pin ? textField({ label: g("leader_pin"), value: values.admin_pin, type, autocomplete: "off", fault: faults["admin_pin"], disabled: fixed, changed: (pin) => set({ admin_pin: pin.trim() || values.admin_pin }) }) : nothing}</div>
      <div class="pins"><button type="button" class="tonal" @click=${() => (this.shown = !this.shown)}>${icon(mdiEye)}${g(this.shown ? "pin_hide" : "pin_show")}</button>
        ${fixed ? nothing : html`<button type="button" class="tonal" @click=${() => this.anew(values, set)}>${icon(mdiDice)}${g("pin_new")}</button>`}</div>`;
  }

  private anew(values: RoomSettings, set: (changes: Partial<RoomSettings>) => void): void {
    this.shown = true;
    const pin = values.pin && newPin("");
    set({ pin, admin_pin: values.admin_pin && newPin(pin) });
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    void this.save();
  };

  private async save(first: () => void = () => undefined): Promise<void> {
    const { draft } = this;
    if (draft === null || draft.saving) return;
    first();
    const wrong = Object.entries(pinFaults(draft.values)).map(([key, fault]) => [key, g(fault)]);
    if (!draft.values.display_name.trim()) wrong.push(["display_name", t("fault_name")]);
    if (wrong.length) {
      this.redraw(() => (draft.faults = Object.fromEntries(wrong)));
      return;
    }
    if (this.name === NEW) {
      const name = await this.make(draft, roomChanges(draft.values));
      if (name) this.go("rooms", name);
    } else {
      const saving = draft.save((changes, revision) => this.house.ask("room/update", { room: this.name, revision, ...roomChanges(changes) }), this.read);
      this.tick += 1;
      if ((await saving) === "saved") {
        const seen = await this.tried(this.read);
        if (seen) this.draft = new Draft(seen);
        this.house.say(t("saved"));
      }
    }
    this.tick += 1;
  }
}

function said(_: string, value: unknown): string {
  return typeof value === "boolean" ? t(value ? "yes" : "no") : String(value === "" ? t("none") : value);
}
