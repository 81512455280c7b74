/** A door's overview: live picture, what one may, who was there. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/door-view";
import { Part } from "../components/element";
import { icon, mdiBell, mdiDoorOpen, mdiLock } from "../components/icons";
import { rows, shared } from "../components/style";
import { t } from "../data/texts";
import type { Image, VisitEntry } from "../data/wire";

@customElement("pascom-door")
export class DoorOverview extends Part {
  @property() door = "";
  @state() private visits: readonly VisitEntry[] = [];
  @state() private visitor: Image | null = null;
  private shown = "";

  static override styles = [
    shared,
    rows,
    css`
      :host { display: block; overflow-y: auto; }
      .all { padding: 16px; max-width: 860px; margin-inline: auto; }
      h1 { font-size: 22px; font-weight: 500; margin: 0 0 4px; overflow-wrap: anywhere; }
      .facts { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--faint); font-size: 14px; margin-block-end: 12px; }
      .facts span { display: inline-flex; gap: 6px; align-items: center; }
      .facts .icon { width: 18px; height: 18px; }
      figure { margin: 0 12px 8px; }
      img { width: 100%; max-width: 320px; border-radius: var(--radius); display: block; }
      figcaption { color: var(--faint); font-size: 14px; padding-top: 4px; }
      .way { flex: none; width: 44px; display: grid; place-items: center; color: var(--faint); }
    `,
  ];

  protected override updated(): void {
    const door = this.house.store.door(this.door);
    const seen = `${this.door} ${door?.state} ${door?.last_ring?.id} ${door?.last_ring?.outcome}`;
    if (seen === this.shown) return;
    if (!this.shown.startsWith(`${this.door} `)) {
      this.visits = [];
      this.visitor = null;
    }
    this.shown = seen;
    void this.load(this.door);
  }

  protected override render(): TemplateResult {
    const door = this.house.store.door(this.door);
    if (door === undefined) return html`<p class="empty">${t("door_unknown")}</p>`;
    const opens = this.house.doors.line(this.door)?.rights?.open;
    return html`<div class="all">
      <h1>${door.display_name}</h1>
      <div class="facts">
        <span>${t("extension")} ${door.extension}</span>
        <span>${door.connected ? t("door_ready") : t("door_offline")}</span>
        ${door.opening === "none" || opens === undefined ? nothing : html`<span>${icon(opens ? mdiDoorOpen : mdiLock)}${opens ? t("opening_allowed") : t("opening_not_allowed")}</span>`}
      </div>
      <pascom-door-view .house=${this.house} .door=${this.door}></pascom-door-view>
      <section aria-label=${t("last_visitors")}><h2>${t("last_visitors")}</h2>
        ${this.visitor
          ? html`<figure><img src="data:${this.visitor.content_type};base64,${this.visitor.data}" alt=${t("last_visitor_at", { at: this.visitor.at ? this.house.format.moment(this.visitor.at) : "" })} />
              ${this.visitor.at ? html`<figcaption>${this.house.format.moment(this.visitor.at)}</figcaption>` : nothing}</figure>`
          : nothing}
        ${this.visits.map((visit) => this.visit(visit))}
        ${this.visits.length ? nothing : html`<p class="empty">${t("no_visitors")}</p>`}
      </section>
    </div>`;
  }

  private visit(visit: VisitEntry): TemplateResult {
    const who = visit.by ? this.house.store.nameOf(visit.by) : "";
    const opening = visit.kind === "opening";
    const what = opening
      ? visit.error ? t("opening_failed") : t("opened_by", { by: who || t("unknown") })
      : visit.outcome === "answered" ? t("answered_by", { by: who }) : t("way_missed");
    return html`<div class="row"><span class="way">${icon(opening ? mdiDoorOpen : mdiBell)}</span>
      <span class="what"><span class="name" style="display:block">${what}</span>
        <span class="more" style="display:block">${this.house.format.moment(visit.at)}${visit.button ? ` · ${visit.button}` : ""}${visit.error ? ` · ${visit.error}` : ""}</span></span></div>`;
  }

  private async load(door: string): Promise<void> {
    try {
      const [{ entries }, visitor] = await Promise.all([
        this.house.ask<{ entries: VisitEntry[] }>("door/log", { door, limit: 12 }),
        this.house.ask<Image | null>("door/last_visitor", { door }),
      ]);
      if (door !== this.door) return;
      this.visits = entries;
      this.visitor = visitor;
    } catch {
      // Who may not see the door is told so by the picture.
    }
  }
}
