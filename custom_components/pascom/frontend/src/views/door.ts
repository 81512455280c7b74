/** A door's overview: live picture, what one may, who was there. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/door-view";
import { Part } from "../components/element";
import { icon, mdiBell, mdiDoorOpen, mdiLock, mdiPhone, mdiVoicemail } from "../components/icons";
import { places, rows, shared } from "../components/style";
import "../components/visitor";
import { refusal } from "../data/link";
import { t as p } from "../data/people-texts";
import { doorKey, doorPresence } from "../data/presence";
import { t } from "../data/texts";
import { Visitors } from "../data/visitors";
import type { VisitEntry } from "../data/wire";

@customElement("pascom-door")
export class DoorOverview extends Part {
  @property() door = "";
  @state() private visits: readonly VisitEntry[] = [];
  private visitors: Visitors | null = null;
  private shown = "";

  static override styles = [
    shared,
    rows,
    places,
    css`
      .all { max-width: 1120px; }
      .facts { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--faint); font-size: 14px; }
      .facts span { display: inline-flex; gap: 6px; align-items: center; }
      .facts .icon { width: 18px; height: 18px; }
      .state { font-weight: 500; }
      .state i { width: 10px; height: 10px; border-radius: 50%; background: var(--disabled-color, #9e9e9e); }
      .state.free i { background: var(--good); }
      .state.busy i { background: var(--bad); }
      .state.ringing i { background: var(--warn); }
      .extra { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; }
      .extra:not(:has(button)) { display: none; }
      .card { padding: 16px; }
      .card h2 { margin: 0 0 12px; }
      .visits { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 16px; --visitor-width: 100%; }
      .visits + .row { margin-block-start: 12px; }
      .visits figure { margin: 0; min-width: 0; }
      .visits figcaption { padding: 6px 2px 0; }
      .visits .name, .visits .more { display: block; font-size: 14px; }
      .visits .more { font-size: 12px; }
      .way { flex: none; width: 44px; display: grid; place-items: center; color: var(--faint); }
    `,
  ];

  protected override updated(): void {
    const door = this.house.store.door(this.door);
    const seen = `${this.door} ${door?.state} ${door?.last_ring?.id} ${door?.last_ring?.outcome} ${door?.last_ring?.picture}`;
    if (seen === this.shown) return;
    if (!this.shown.startsWith(`${this.door} `)) {
      this.visits = [];
    }
    this.shown = seen;
    void this.load(this.door);
  }

  protected override render(): TemplateResult {
    const door = this.house.store.door(this.door);
    if (door === undefined) return html`<p class="empty">${t("door_unknown")}</p>`;
    const opens = this.house.doors.line(this.door)?.rights?.open;
    const pictured = this.visits.filter((visit) => visit.picture);
    const others = this.visits.filter((visit) => !visit.picture);
    const phone = this.house.store.user(this.house.store.me.user)?.devices.some(({ kind, registered }) => kind !== "browser" && registered);
    return html`<div class="all">
      <div class="head"><h1>${door.display_name}</h1>
      <div class="facts">
        <span class="state ${doorPresence(door)}"><i></i>${t(doorKey(door))}</span>
        ${door.extension ? html`<span>${t("extension")} ${door.extension}</span>` : nothing}
        ${door.opening === "none" || opens === undefined ? nothing : html`<span>${icon(opens ? mdiDoorOpen : mdiLock)}${opens ? t("opening_allowed") : p("not_allowed_why")}</span>`}
      </div></div>
      <pascom-door-view .house=${this.house} .door=${this.door}></pascom-door-view>
      <div class="extra">
        ${phone && door.two_way && door.connected ? html`<button class="tonal" @click=${() => void this.callByPhone()}>${icon(mdiPhone)}${p("call_with_phone")}</button>` : nothing}
        ${door.voicemail === null ? nothing : html`<button class="tonal" @click=${() => this.dispatchEvent(new CustomEvent("show", { detail: { area: "voicemail", place: `door:${door.name}` }, bubbles: true, composed: true }))}>
          ${icon(mdiVoicemail)}${door.voicemail ? p("new_messages", { count: door.voicemail }) : p("messages_of_visitors")}</button>`}
      </div>
      <section class="card" aria-label=${t("last_visitors")}><h2>${t("last_visitors")}</h2>
        ${pictured.length ? html`<div class="visits">${pictured.map((visit) => this.pictured(visit))}</div>` : nothing}
        ${others.map((visit) => this.visit(visit))}
        ${this.visits.length ? nothing : html`<p class="empty">${t("no_visitors")}</p>`}
      </section>
    </div>`;
  }

  private pictured(visit: VisitEntry): TemplateResult {
    const at = this.house.format.moment(visit.at);
    return html`<figure>
      <pascom-visitor .label=${p("visitor_at", { at })} .fetch=${() => (this.visitors ??= new Visitors(this.house.ask)).picture(visit)}></pascom-visitor>
      <figcaption><span class="name">${this.outcome(visit)}</span><span class="more">${at}${visit.button ? ` · ${visit.button}` : ""}</span></figcaption>
    </figure>`;
  }

  private outcome(visit: VisitEntry): string {
    const who = visit.by ? this.house.store.nameOf(visit.by) : "";
    if (visit.kind === "opening") return visit.error ? t("opening_failed") : t("opened_by", { by: who || t("unknown") });
    if (visit.outcome === "ringing") return t("door_rings");
    return visit.outcome === "answered" ? t("answered_by", { by: who }) : p("missed_visitor");
  }

  private async callByPhone(): Promise<void> {
    try {
      await this.house.ask("door/call", { door: this.door });
      this.house.say(t("desk_phone_rings"));
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }

  private visit(visit: VisitEntry): TemplateResult {
    return html`<div class="row"><span class="way">${icon(visit.kind === "opening" ? mdiDoorOpen : mdiBell)}</span>
      <span class="what"><span class="name" style="display:block">${this.outcome(visit)}</span>
        <span class="more" style="display:block">${this.house.format.moment(visit.at)}${visit.button ? ` · ${visit.button}` : ""}${visit.error ? ` · ${visit.error}` : ""}</span></span></div>`;
  }

  private async load(door: string): Promise<void> {
    this.visitors ??= new Visitors(this.house.ask);
    try {
      const visits = await this.visitors.log(door);
      if (door === this.door) this.visits = visits;
    } catch {
      // Who may not see the door is told so by the picture.
    }
  }
}
