/** Telephoning on a dashboard: the calls that run, and the people one calls by a tap, with how they can be reached. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import { Seconds } from "../components/element";
import { icon, mdiDialpad, mdiHistory, mdiMicrophone, mdiMicrophoneOff, mdiPhone, mdiPhoneHangup } from "../components/icons";
import { lineName, lineState } from "../components/line-text";
import { entries, type Entry } from "../components/people";
import { rows, shared } from "../components/style";
import { troubleText } from "../components/trouble";
import type { Line } from "../data/engine/engine";
import { length } from "../data/format";
import { t as common } from "../data/texts";
import type { Call } from "../data/wire";
import { Card, surface } from "./card";
import type { CallCardConfig } from "./config";
import { chosenPeople } from "./people";
import { t } from "./texts";

@customElement("pascom-call-card-body")
export class CallCard extends Card<CallCardConfig> {
  private readonly seconds = new Seconds(this);

  static override styles = [
    shared,
    rows,
    faces,
    surface,
    css`
      .calls { flex: none; }
      .call-row { display: flex; align-items: center; gap: 8px; min-height: 60px; padding: 6px 8px; padding-inline: 14px 8px; background: var(--green); color: #fff; --card: var(--green); }
      .call-row.held { background: #5d4037; }
      .call-row.ended { background: #455a64; }
      .call-row.other { background: color-mix(in srgb, var(--good) 16%, transparent); color: var(--text); }
      .call-row .what { flex: 1; min-width: 0; padding-inline-start: 4px; }
      .call-row .more { color: inherit; opacity: 0.9; font-variant-numeric: tabular-nums; }
      .call-row:not(.other) .round { background: rgba(255, 255, 255, 0.2); }
      .call-row .round.red { background: var(--red); color: #fff; }
      .tiles { flex: 1; display: grid; grid-template-columns: repeat(auto-fill, minmax(76px, 1fr)); gap: 4px; padding: 10px 8px; align-content: start; overflow-y: auto; min-height: 0; }
      .tile { position: relative; flex-direction: column; gap: 6px; padding: 10px 4px 8px; border-radius: var(--radius); min-width: 0; font-size: 14px; justify-content: flex-start; }
      .tile .face { width: 56px; height: 56px; font-size: 20px; }
      .tile .face .icon { width: 28px; height: 28px; }
      .tile .dot { width: 16px; height: 16px; }
      .tile > .who { max-width: 100%; min-width: 0; display: block; text-align: center; }
      .tile .name { font-size: 14px; line-height: 1.3; white-space: normal; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
      .tile .more { font-size: 12px; }
      .list { flex: 1; padding: 6px 4px; overflow-y: auto; min-height: 0; }
      .list .row { position: relative; width: 100%; border-radius: var(--radius); justify-content: flex-start; }
      .links { flex: none; display: flex; border-block-start: 1px solid var(--line); }
      .links button { flex: 1; border-radius: 0; font-size: 14px; min-height: 48px; color: var(--faint); min-width: 0; }
      @container (max-width: 240px) { .links .name { display: none; } }
      .count { min-width: 20px; height: 20px; border-radius: 10px; background: var(--red); color: #fff; font-size: 12px; display: grid; place-items: center; padding: 0 6px; font-weight: 500; }
    `,
  ];

  protected override shown(): TemplateResult {
    const { store, choices, engine } = this.house;
    const { people, layout, show_people, show_calls, show_links, title } = this.config;
    const all = show_people === false ? [] : chosenPeople(entries(store), people, choices.favourites);
    const lines = show_calls === false ? [] : engine.lines.filter((line) => !line.door && line.phase !== "ringing");
    const elsewhere = show_calls === false ? [] : this.elsewhere();
    this.seconds.run(Boolean(lines.length || elsewhere.length));
    const trouble = lines.find((line) => line.trouble)?.trouble;
    return html`<section class="card" aria-label=${title || t("calls")}>
      ${this.awayLine()}
      ${title ? html`<div class="head"><span class="what name">${title}</span></div>` : nothing}
      ${lines.length || elsewhere.length
        ? html`<div class="calls" role="region" aria-label=${common("running_call")}>${lines.map((line) => this.line(line))}${elsewhere.map((call) => this.other(call))}</div>`
        : nothing}
      ${trouble ? html`<p class="trouble" role="alert">${troubleText(trouble)}</p>` : nothing}
      ${all.length
        ? layout === "rows"
          ? html`<div class="list">${all.map((entry) => this.row(entry))}</div>`
          : html`<div class="tiles">${all.map((entry) => this.tile(entry))}</div>`
        : show_people === false
          ? lines.length || elsewhere.length ? nothing : html`<p class="message">${icon(mdiPhone)}<span>${t("no_calls")}</span></p>`
          : html`<p class="message">${icon(mdiPhone)}<span>${common("nobody_yet")}</span></p>`}
      ${show_links === false ? nothing : this.links()}
    </section>`;
  }

  protected override updated(): void {
    if (this.house) this.shows(this.config.show_calls === false ? "" : "calls");
  }

  private tile(entry: Entry): TemplateResult {
    return html`<button class="tile" ?disabled=${this.isAway || !entry.number} title=${entry.title} @click=${() => this.call(entry)}>
      <span class="hidden">${common("call")}</span>${face(entry.title, { presence: entry.presence, symbol: entry.symbol, picture: entry.picture })}
      <span class="who"><span class="name">${entry.title}</span><span class="more ${entry.presence === "ringing" ? "rings" : ""}">${entry.line}</span></span>
    </button>`;
  }

  private row(entry: Entry): TemplateResult {
    return html`<button class="row" ?disabled=${this.isAway || !entry.number} @click=${() => this.call(entry)}>
      <span class="hidden">${common("call")}</span>${face(entry.title, { presence: entry.presence, symbol: entry.symbol, picture: entry.picture })}
      <span class="what"><span class="name">${entry.title}</span><span class="more ${entry.presence === "ringing" ? "rings" : ""}">${entry.line}</span></span>
      <span class="call">${icon(mdiPhone)}</span>
    </button>`;
  }

  private line(line: Line): TemplateResult {
    const { engine } = this.house;
    const name = lineName(this.house, line);
    const mute = line.muted ? common("unmute") : common("mute");
    const user = this.house.store.snapshot?.users.find(({ extension }) => extension === line.number)?.name ?? "";
    return html`<div class="call-row ${line.phase === "ended" ? "ended" : line.held ? "held" : ""}">
      ${face(name, { size: "slim", picture: this.house.store.pictures[user] })}
      <span class="what"><span class="name">${name}</span><span class="more" role="status">${lineState(this.house, line)}</span></span>
      ${line.phase === "talking" ? html`<button class="round" aria-pressed=${line.muted} aria-label=${mute} title=${mute} @click=${() => engine.mute(line)}>${icon(line.muted ? mdiMicrophoneOff : mdiMicrophone)}</button>` : nothing}
      ${line.phase === "ended" ? nothing : html`<button class="round red" aria-label=${common("hang_up")} title=${common("hang_up")} @click=${() => engine.hangUp(line)}>${icon(mdiPhoneHangup)}</button>`}
    </div>`;
  }

  /** A call of mine on another device: it can be ended from here. */
  private other(call: Call): TemplateResult {
    const { me } = this.house.store;
    const peer = call.parties.find((party) => party.user !== me.user);
    const mine = call.parties.find((party) => party.user === me.user);
    const name = peer?.name || peer?.number || call.number || common("unknown");
    const time = call.answered ? length((Date.now() - Date.parse(call.answered)) / 1000) : common("phase_calling");
    return html`<div class="call-row other">
      ${face(name, { size: "slim", picture: this.house.store.pictures[peer?.user ?? ""] })}
      <span class="what"><span class="name">${name}</span><span class="more">${mine?.device.startsWith("browser:") === false ? `${mine.device} · ` : ""}${time}</span></span>
      <button class="round red" aria-label=${common("hang_up")} title=${common("hang_up")} ?disabled=${this.preview} @click=${() => void this.does("call/hang_up", { call: call.id })}>${icon(mdiPhoneHangup)}</button>
    </div>`;
  }

  private elsewhere(): Call[] {
    const { store, engine } = this.house;
    const here = new Set(engine.lines.map((line) => line.call));
    return (store.snapshot?.calls ?? []).filter((call) => !here.has(call.id) && call.parties.some((party) => party.user === store.me.user && party.state !== "ringing"));
  }

  private links(): TemplateResult {
    const { missed } = this.house.store;
    return html`<div class="links">
      <button aria-label=${missed ? `${common("journal")}, ${common("missed_count", { count: missed })}` : common("journal")} @click=${() => this.goTo("/pascom/journal")}>${icon(mdiHistory)}<span class="name">${common("journal")}</span>${missed ? html`<span class="count" aria-hidden="true">${missed}</span>` : nothing}</button>
      <button aria-label=${common("keypad")} @click=${() => this.goTo("/pascom/phone")}>${icon(mdiDialpad)}<span class="name">${common("keypad")}</span></button>
    </div>`;
  }

  private call(entry: Entry): void {
    if (!this.preview) void this.house.dial(entry.number, entry.title);
  }
}
