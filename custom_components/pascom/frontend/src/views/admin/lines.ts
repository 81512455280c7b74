/** Lines to the outside: whether they are registered, and what a provider needs to know of us. */

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { choiceField, forms, textField } from "../../components/form/fields";
import { icon, mdiChevronLeft, mdiLock } from "../../components/icons";
import { rows, shared } from "../../components/style";
import { Lines, PROVIDERS, whyNot, type KeptLine, type LineFields } from "../../data/admin/lines";
import { byField } from "../../data/admin/faults";
import { g } from "../../data/admin/group-texts";
import { t } from "../../data/admin/texts";
import { refusal } from "../../data/link";
import type { Trunk } from "../../data/wire";
import "./arrivals";
import { mdiChevronRight, mdiPlus } from "./icons";
import { NEW, Page, pages } from "./page";

const EMPTY: LineFields = { display_name: "", profile: "fritzbox", registrar: "", username: "", password: "", prefix: "0", country: "", area: "", caller_number: "" };

@customElement("pascom-admin-lines")
export class LinesView extends Page {
  @state() private kept: { here: boolean; lines: KeptLine[] } | null = null;
  @state() private fields: LineFields | null = null;
  @state() private faults: Record<string, string> = {};
  @state() private busy = false;
  @state() private sure = false;

  static override styles = [shared, rows, pages, forms];

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("name") || changed.has("entry")) void this.begin();
  }

  private get lines(): Lines {
    return new Lines(this.hass, this.entry);
  }

  private readonly begin = async (): Promise<void> => {
    this.faults = {};
    this.sure = false;
    this.fields = null;
    if (!this.entry) return;
    this.kept = (await this.tried(() => this.lines.kept())) ?? this.kept;
    const line = this.line;
    if (!this.name || (this.name !== NEW && !line)) return;
    const known = await this.tried(() => this.lines.read(line));
    if (known) this.fields = { ...EMPTY, ...known };
  };

  private get line(): KeptLine | undefined {
    return this.kept?.lines.find((each) => each.name === this.name);
  }

  /** A PBX that runs here has no lines but those that were added here: one that was removed is only not gone yet. */
  private get trunks(): Trunk[] {
    const { kept } = this;
    const all = this.house.store.snapshot?.trunks ?? [];
    return kept?.here ? all.filter((trunk) => kept.lines.some((line) => line.name === trunk.name)) : all;
  }

  protected override render(): TemplateResult {
    return this.name ? this.one() : this.list();
  }

  private list(): TemplateResult {
    const { kept, trunks } = this;
    const waiting = kept?.lines.filter((line) => !trunks.some((trunk) => trunk.name === line.name)) ?? [];
    return html`<div class="all">
      <div class="top"><h1>${t("area_lines")}</h1>
        ${kept?.here ? html`<button class="filled" @click=${() => this.go("lines", NEW)}>${icon(mdiPlus)}${t("line_add")}</button>` : nothing}</div>
      <p class="about">${t("lines_about")}</p>
      ${kept && !kept.here ? html`<p class="notice">${t("lines_elsewhere")}</p>` : nothing}
      ${trunks.length || waiting.length
        ? html`<section class="card list">${trunks.map((trunk) => this.row(trunk))}
            ${waiting.map((line) => html`<div class="row"><span class="what"><span class="name" style="display:block">${line.title}</span></span><span class="light waits">${t("line_starting")}</span></div>`)}</section>`
        : html`<p class="empty">${t("lines_none")}</p>`}
    </div>`;
  }

  private row(trunk: Trunk): TemplateResult {
    const mine = this.kept?.lines.some((line) => line.name === trunk.name) ?? false;
    const inside = html`<span class="what"><span class="name" style="display:block">${trunk.display_name}</span>
        <span class="light ${light(trunk)}">${stateText(trunk)}</span>
        ${trunk.state === "failed" ? html`<span class="more" style="display:block;white-space:normal">${reasonText(trunk)}</span>` : nothing}</span>
      <span class="end">${trunk.in_use ? t("line_in_use", { count: trunk.in_use }) : ""}${mine ? nothing : html`<span title=${t("from_file")}>${icon(mdiLock)}</span>`}${icon(mdiChevronRight)}</span>`;
    return html`<button class="row" @click=${() => this.go("lines", trunk.name)}>${inside}</button>`;
  }

  private one(): TemplateResult {
    const fresh = this.name === NEW;
    const trunk = this.trunks.find((each) => each.name === this.name);
    return html`<div class="all">
      <div class="top"><button class="round" aria-label=${t("back")} @click=${() => this.go("lines")}>${icon(mdiChevronLeft)}</button>
        <h1>${fresh ? t("line_add") : (this.line?.title ?? this.name)}</h1></div>
      ${trunk ? html`<section class="card"><span class="light ${light(trunk)}" role="status">${stateText(trunk)}</span>
          ${trunk.state === "failed" ? html`<p style="margin:0">${reasonText(trunk)}</p>${trunk.reason ? html`<p class="about">${t("line_says", { reason: trunk.reason })}</p>` : nothing}` : nothing}</section>` : nothing}
      ${trunk ? html`<pascom-admin-arrivals .house=${this.house} .hass=${this.hass} .name=${trunk.name}></pascom-admin-arrivals>` : nothing}
      ${this.fields ? this.form(this.fields, fresh) : this.rest(fresh, trunk)}
    </div>`;
  }

  private rest(fresh: boolean, trunk: Trunk | undefined): TemplateResult {
    if (this.kept === null || fresh || this.line) return html`<p class="empty">${t("loading")}</p>`;
    return trunk ? html`<p class="about made">${icon(mdiLock)}<span>${t("from_file_about")}</span></p>` : html`<p class="empty">${t("line_gone")}</p>`;
  }

  private form(fields: LineFields, fresh: boolean): TemplateResult {
    const { faults } = this;
    const set = (changes: Partial<LineFields>): void => {
      this.fields = { ...fields, ...changes };
      for (const key of Object.keys(changes)) delete this.faults[key];
    };
    const text = (key: keyof LineFields, label: string, help?: string, placeholder?: string): TemplateResult =>
      textField({ label, value: fields[key] ?? "", fault: faults[key], help, placeholder, changed: (value) => set({ [key]: value }) });
    return html`<form class="card form" novalidate @submit=${this.save}>
      ${choiceField({ label: t("provider"), value: fields.profile, choices: PROVIDERS.map(([name, title]) => [name, title || t("provider_generic")] as const), help: t(fields.profile === "fritzbox" ? "provider_fritzbox_about" : fields.profile === "generic" ? "provider_generic_about" : "provider_about"), changed: (profile) => set({ profile, ...(fields.display_name ? {} : { display_name: PROVIDERS.find(([name]) => name === profile)?.[1] ?? "" }) }) })}
      ${text("display_name", t("name"))}
      ${text("registrar", t("registrar"), t(fields.profile === "generic" ? "registrar_needed" : "registrar_about"), fields.profile === "fritzbox" ? "fritz.box" : "sip.example.com")}
      <div class="pair">${text("username", t("username"))}
        ${textField({ label: t("password"), value: fields.password ?? "", type: "password", autocomplete: "new-password", placeholder: fresh ? "" : "••••••••", help: fresh ? undefined : t("password_kept"), changed: (password) => set({ password }) })}</div>
      <details><summary>${t("line_numbers")}</summary><div class="form"><div class="pair">
        ${text("country", t("line_country"), t("line_country_about"), "49")}${text("area", t("line_area"), t("line_area_about"), "89")}
        ${text("prefix", t("line_prefix"), t("line_prefix_about"))}${text("caller_number", t("line_caller"), t("line_caller_about"))}</div></div></details>
      ${faults[""] ? html`<p class="fault" role="alert">${faults[""]}</p>` : nothing}
      ${fresh ? html`<p class="about">${g("lines_ring_new")}</p>` : nothing}
      <p class="notice">${t("line_restart")}</p>
      <div class="ends"><button class="filled" type="submit" ?disabled=${this.busy}>${t(fresh ? "line_add" : "save")}</button>
        ${fresh ? nothing : this.sure
          ? html`<span>${t("line_remove_sure")}</span><button type="button" class="red filled" @click=${this.takeAway}>${t("remove")}</button><button type="button" class="tonal" @click=${() => (this.sure = false)}>${t("cancel")}</button>`
          : html`<button type="button" class="danger" @click=${() => (this.sure = true)}>${t("line_remove")}</button>`}</div>
    </form>`;
  }

  private readonly save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { fields, line } = this;
    if (!fields || this.busy) return;
    this.faults = {
      ...(fields.display_name.trim() ? {} : { display_name: t("fault_name") }), ...(fields.username.trim() ? {} : { username: t("fault_username") }),
      ...(fields.profile === "generic" && !fields.registrar?.trim() ? { registrar: t("fault_registrar") } : {}),
    };
    if (Object.keys(this.faults).length) return;
    this.busy = true;
    try {
      await this.lines.save(fields, line);
      this.house.say(t("line_saved"));
      this.go("lines");
    } catch (error) {
      this.faults = byField(refusal(error).english.replace(/trunks\[\d+\]\./g, ""), Object.keys(fields));
    } finally {
      this.busy = false;
    }
  };

  private readonly takeAway = async (): Promise<void> => {
    const { line } = this;
    if (!line) return;
    await this.tried(() => this.lines.remove(line));
    this.go("lines");
  };
}

function light({ state: at }: Trunk): string {
  return at === "failed" ? "bad" : at === "registering" ? "waits" : "good";
}

function stateText({ state: at }: Trunk): string {
  return t(`line_${at}`);
}

function reasonText({ reason }: Trunk): string {
  const key = whyNot(reason);
  return key ? t(key) : reason;
}
