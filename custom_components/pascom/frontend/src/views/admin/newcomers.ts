/** Who of Home Assistant has no extension yet, and what becomes of those who come new. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { face, faces } from "../../components/avatar";
import { forms, manyField, switchField, type Choice } from "../../components/form/fields";
import { icon } from "../../components/icons";
import { rows, shared } from "../../components/style";
import { g } from "../../data/admin/group-texts";
import { newcomers, type Household } from "../../data/admin/people";
import type { Person } from "../../data/admin/wire";
import { mdiPlus } from "./icons";
import { Page, pages } from "./page";

interface Rules {
  auto: boolean;
  roles: string[];
  kept_out: string[];
}

@customElement("pascom-admin-newcomers")
export class Newcomers extends Page {
  @property({ attribute: false }) all!: Household;
  @state() private rules: Rules | null = null;
  @state() private giving = "";

  static override styles = [shared, rows, faces, pages, forms, css`:host { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }`];

  protected override arrived(): void {
    void this.look();
  }

  private readonly look = async (): Promise<void> => {
    this.rules = (await this.latest(() => this.tell<Rules>("get"))) ?? this.rules;
  };

  private tell<T>(what: string, fields: object = {}): Promise<T> {
    return this.hass.connection.sendMessagePromise<T>({ type: `pascom/newcomers/${what}`, ...(this.entry ? { entry_id: this.entry } : {}), ...fields });
  }

  protected override render(): TemplateResult | typeof nothing {
    const { rules, all } = this;
    if (rules === null) return nothing;
    const waiting = newcomers(all);
    return html`${waiting.length
        ? html`<section class="card list" aria-label=${g("new_title")}><div class="top" style="padding:8px 12px 0;min-height:0"><h2>${g("new_title")}</h2></div>
            <p class="about" style="padding:4px 12px 8px">${g("new_about")}</p>${waiting.map((each) => this.row(each, rules))}</section>`
        : nothing}
      <section class="card">
        ${switchField({ label: g("new_auto"), help: g("new_auto_about"), value: rules.auto, changed: (auto) => void this.change({ auto }) })}
        ${manyField({ label: g("new_roles"), values: rules.roles, choices: all.roles.map((role): Choice => [role.name, role.name]), help: rules.roles.length ? undefined : g("new_roles_usual"), changed: (roles) => void this.change({ roles }) })}
      </section>`;
  }

  private row(person: Person, { kept_out }: Rules): TemplateResult {
    const name = person.name ?? "?";
    return html`<div class="row">${face(name, {})}
      <span class="what"><span class="name" style="display:block">${name}</span>${kept_out.includes(person.id) ? html`<span class="more" style="display:block">${g("new_kept_out")}</span>` : nothing}</span>
      <button class="tonal" ?disabled=${this.giving !== ""} aria-label=${g("new_give_to", { name })} @click=${() => void this.give(person)}>${icon(mdiPlus)}${g("new_give")}</button></div>`;
  }

  /** What is chosen is shown at once, and as it was where it was refused. */
  private async change(changes: Partial<Rules>): Promise<void> {
    const { rules } = this;
    if (rules === null) return;
    this.rules = { ...rules, ...changes };
    this.rules = (await this.tried(() => this.tell<Rules>("set", changes))) ?? rules;
  }

  private async give(person: Person): Promise<void> {
    this.giving = person.id;
    const made = await this.tried(() => this.tell<{ extension: string; display_name: string }>("admit", { ha_user: person.id }));
    this.giving = "";
    if (!made) return;
    this.house.say(g("new_given", { name: made.display_name, extension: made.extension }));
    this.dispatchEvent(new CustomEvent("changed"));
    await this.look();
  }
}
