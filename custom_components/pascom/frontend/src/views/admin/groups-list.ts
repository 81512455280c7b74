/** What the pages of rooms and teams share: a list with a button that adds, one thing with its form, and its end. */

import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { icon, mdiChevronLeft, mdiLock } from "../../components/icons";
import type { Draft } from "../../data/admin/draft";
import { byField } from "../../data/admin/faults";
import { g, type GroupKey } from "../../data/admin/group-texts";
import { t } from "../../data/admin/texts";
import { refusal } from "../../data/link";
import { mdiChevronRight, mdiPlus } from "./icons";
import { NEW, Page } from "./page";

interface Listed {
  name: string;
  display_name: string;
  extension: string;
  provisioned?: boolean;
}

export abstract class GroupPage<S extends Listed> extends Page {
  /** `rooms` of `/pascom/admin/rooms`, and `room` of the PBX's commands and of the texts. */
  protected abstract readonly area: "rooms" | "teams";
  protected abstract readonly kind: "room" | "team";
  protected abstract readonly symbol: string;
  @state() protected draft: Draft<S> | null = null;
  @state() protected missing = false;
  @state() protected sure = false;
  @state() protected tick = 0;

  protected abstract all(): Listed[];
  protected abstract more(of: Listed): string;
  protected abstract begin(): Promise<void>;
  protected abstract form(draft: Draft<S>, fresh: boolean): TemplateResult;

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    if (!changed.has("name")) return;
    this.sure = this.missing = false;
    this.draft = null;
    if (this.name) void this.begin();
  }

  protected redraw(work: () => void): void {
    work();
    this.tick += 1;
  }

  protected override render(): TemplateResult {
    void this.tick;
    return this.name ? this.one() : this.list();
  }

  private text(rest: string): string {
    return g(`${this.kind}${rest}` as GroupKey);
  }

  private list(): TemplateResult {
    const all = this.all().toSorted((a, b) => a.display_name.localeCompare(b.display_name));
    return html`<div class="all">
      <div class="top"><h1>${t(`area_${this.area}`)}</h1><button class="filled" @click=${() => this.go(this.area, NEW)}>${icon(mdiPlus)}${this.text("_add")}</button></div>
      <p class="about">${this.text("s_about")}</p>
      ${all.length ? html`<section class="card list">${all.map((each) => this.row(each))}</section>` : html`<p class="empty">${this.text("s_none")}</p>`}
    </div>`;
  }

  private row(each: Listed): TemplateResult {
    return html`<button class="row" @click=${() => this.go(this.area, each.name)}>${icon(this.symbol)}
      <span class="what"><span class="name" style="display:block">${each.display_name}</span><span class="more" style="display:block">${each.extension} · ${this.more(each)}</span></span>
      <span class="end">${each.provisioned ? html`<span title=${t("from_file")}>${icon(mdiLock)}</span>` : nothing}${icon(mdiChevronRight)}</span></button>`;
  }

  private one(): TemplateResult {
    const { draft } = this;
    const fresh = this.name === NEW;
    return html`<div class="all">
      <div class="top"><button class="round" aria-label=${t("back")} @click=${() => this.go(this.area)}>${icon(mdiChevronLeft)}</button>
        <h1>${fresh ? this.text("_add") : draft?.values.display_name || this.name}</h1></div>
      ${this.missing ? html`<p class="empty">${this.text("_gone")}</p>` : draft === null ? html`<p class="empty">${t("loading")}</p>` : html`${this.form(draft, fresh)}${fresh || draft.values.provisioned ? nothing : this.leaving(draft)}`}
    </div>`;
  }

  protected ends(draft: Draft<S>, fresh: boolean): TemplateResult {
    return html`${draft.faults[""] ? html`<p class="fault" role="alert">${draft.faults[""]}</p>` : nothing}
      ${draft.values.provisioned ? nothing : html`<div class="ends"><button class="filled" type="submit" ?disabled=${draft.saving || (!fresh && !draft.changed)}>${fresh ? this.text("_add") : t("save")}</button>
        ${!fresh && draft.changed ? html`<button class="tonal" type="button" @click=${() => void this.begin()}>${t("discard")}</button>` : nothing}</div>`}`;
  }

  protected fixed(): TemplateResult {
    return html`<p class="about made">${icon(mdiLock)}<span>${t("from_file_about")}</span></p>`;
  }

  /** A new one is asked for as a whole; what is wrong stands at its field. */
  protected async make(draft: Draft<S>, fields: Record<string, unknown>): Promise<string> {
    draft.saving = true;
    draft.faults = {};
    try {
      const answer = await this.house.ask<Record<string, { name: string }>>(`${this.kind}/add`, fields);
      return answer[this.kind]?.name ?? "";
    } catch (error) {
      draft.faults = byField(refusal(error).english, Object.keys(draft.values));
      return "";
    } finally {
      draft.saving = false;
    }
  }

  private leaving({ values }: Draft<S>): TemplateResult {
    return html`<div class="ends">${this.sure
      ? html`<span>${g(`${this.kind}_remove_sure`, { name: values.display_name })}</span>
          <button class="red filled" @click=${this.takeAway}>${t("remove")}</button><button class="tonal" @click=${() => (this.sure = false)}>${t("cancel")}</button>`
      : html`<button class="danger" @click=${() => (this.sure = true)}>${this.text("_remove")}</button>`}</div>`;
  }

  private readonly takeAway = async (): Promise<void> => {
    if ((await this.tried(() => this.house.ask(`${this.kind}/remove`, { [this.kind]: this.name }))) !== undefined) this.go(this.area);
  };
}
