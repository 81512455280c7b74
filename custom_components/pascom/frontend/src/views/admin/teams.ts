/** Teams: one number for several people. */

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { conflict } from "../../components/form/conflict";
import { forms, textField } from "../../components/form/fields";
import { mdiAccountGroup } from "../../components/icons";
import { rows, shared } from "../../components/style";
import { Draft } from "../../data/admin/draft";
import { g } from "../../data/admin/group-texts";
import { asTeam, NEW_TEAM, type TeamSettings } from "../../data/admin/groups";
import { t } from "../../data/admin/texts";
import { EVERYONE, type Seen } from "../../data/admin/wire";
import { peopleOf, someOf } from "./choosing";
import { GroupPage } from "./groups-list";
import { NEW, pages } from "./page";

@customElement("pascom-admin-teams")
export class Teams extends GroupPage<TeamSettings> {
  protected override readonly area = "teams";
  protected override readonly kind = "team";
  protected override readonly symbol = mdiAccountGroup;

  static override styles = [shared, rows, pages, forms];

  protected override all(): { name: string; display_name: string; extension: string; provisioned?: boolean }[] {
    return this.house.store.snapshot?.teams ?? [];
  }

  protected override more({ name }: { name: string }): string {
    const team = this.house.store.snapshot?.teams.find((each) => each.name === name);
    const everybody = team !== undefined && team.members.length === this.house.store.snapshot?.users.length;
    return everybody ? t("everyone") : team?.members.map((each) => this.house.store.nameOf(each)).join(", ") || t("nobody");
  }

  protected override async begin(): Promise<void> {
    if (this.name === NEW) {
      this.draft = new Draft({ settings: NEW_TEAM, revision: "" });
      return;
    }
    try {
      this.draft = new Draft(await this.read());
    } catch {
      this.missing = true;
    }
  }

  private readonly read = (): Promise<Seen<TeamSettings>> => this.house.ask("team/settings", { team: this.name });

  protected override form(draft: Draft<TeamSettings>, fresh: boolean): TemplateResult {
    const { values, faults } = draft;
    const fixed = values.provisioned;
    const { members } = values;
    const set = (changes: Partial<TeamSettings>): void => this.redraw(() => draft.set(changes));
    return html`<form class="card form" novalidate @submit=${this.submit}>
      ${fixed ? this.fixed() : nothing}
      ${conflict(draft, { labels: { display_name: "name", extension: "extension", ring_seconds: "ring_seconds", wait_seconds: "wait_seconds", members: "area_users" }, said: (key, value) => this.said(key, value), mine: () => void this.save(() => draft.keepMine()), theirs: () => this.redraw(() => draft.takeTheirs()) })}
      <div class="pair">
        ${textField({ label: t("name"), value: values.display_name, placeholder: g("team_example"), fault: faults["display_name"], disabled: fixed, required: true, changed: (display_name) => set({ display_name }) })}
        ${textField({ label: t("extension"), value: values.extension, fault: faults["extension"], help: fresh ? t("extension_free") : undefined, type: "tel", disabled: fixed, changed: (extension) => set({ extension: extension.trim() }) })}
      </div>
      ${someOf({
        label: g("members"), values: members, choices: peopleOf(this.house.store.snapshot?.users ?? []), fault: faults["members"], disabled: fixed,
        help: members.includes(EVERYONE) ? g("members_everyone") : members.length ? undefined : g("members_nobody"), changed: (chosen) => set({ members: chosen }),
      })}
      ${textField({ label: t("ring_seconds"), value: `${values.ring_seconds}`, type: "number", fault: faults["ring_seconds"], disabled: fixed, changed: (value) => set({ ring_seconds: Number(value) || 0 }) })}
      ${textField({ label: t("wait_seconds"), help: g("wait_seconds_about"), value: `${values.wait_seconds}`, type: "number", fault: faults["wait_seconds"], disabled: fixed, changed: (value) => set({ wait_seconds: Number(value) || 0 }) })}
      ${this.ends(draft, fresh)}
    </form>`;
  }

  private said(key: string, value: unknown): string {
    if (key === "members" && Array.isArray(value)) return value.map((each) => (each === EVERYONE ? t("everyone") : this.house.store.nameOf(String(each)))).join(", ") || t("nobody");
    return String(value);
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    void this.save();
  };

  private async save(first: () => void = () => undefined): Promise<void> {
    const { draft } = this;
    if (draft === null || draft.saving) return;
    first();
    if (!draft.values.display_name.trim()) {
      this.redraw(() => (draft.faults = { display_name: t("fault_name") }));
      return;
    }
    if (this.name === NEW) {
      const name = await this.make(draft, asTeam(draft.values));
      if (name) this.go("teams", name);
    } else {
      const saving = draft.save((changes, revision) => this.house.ask("team/update", { team: this.name, revision, ...asTeam(changes) }), this.read);
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
