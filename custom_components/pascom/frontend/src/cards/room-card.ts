/** A conference room on a dashboard: who is in it and who speaks, a button to join, and what leaders do. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import {
  icon, mdiAccountVoice, mdiLock, mdiLockOpenVariant, mdiMicrophone, mdiMicrophoneOff, mdiPhone, mdiPhoneHangup, mdiRecordCircleOutline,
} from "../components/icons";
import { shared } from "../components/style";
import type { Line } from "../data/engine/engine";
import { t as common } from "../data/texts";
import type { Participant, Room } from "../data/wire";
import { Card, surface } from "./card";
import type { RoomCardConfig } from "./config";
import { t } from "./texts";

@customElement("pascom-room-card-body")
export class RoomCard extends Card<RoomCardConfig> {
  static override styles = [
    shared,
    faces,
    surface,
    css`
      .to { flex: 1; min-width: 0; display: block; text-align: start; padding: 0; border-radius: 8px; }
      .to:hover:not(:disabled) { background: none; }
      .facts { display: inline-flex; flex: none; gap: 2px; color: var(--faint); }
      .facts .on { color: var(--bad); }
      .facts .icon { width: 20px; height: 20px; }
      .people { list-style: none; margin: 0; flex: 1; display: grid; grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); gap: 4px; padding: 4px 8px 8px; align-content: start; overflow-y: auto; min-height: 0; }
      .person { display: grid; justify-items: center; gap: 6px; padding: 8px 4px; min-width: 0; text-align: center; font-size: 13px; }
      .person .name { max-width: 100%; line-height: 1.3; }
      .seat { position: relative; border-radius: 50%; display: block; }
      .seat .face { width: 52px; height: 52px; }
      .seat.talks { outline: 3px solid var(--good); outline-offset: 2px; }
      .seat.muted .face { opacity: 0.55; }
      .silent { position: absolute; inset-block-end: -2px; inset-inline-end: -2px; width: 22px; height: 22px; border-radius: 50%; display: grid; place-items: center; background: var(--red); color: #fff; }
      .silent .icon { width: 14px; height: 14px; }
      .buttons { flex: none; margin-block-start: auto; display: flex; gap: 8px; padding: 8px 12px 12px; }
      .buttons > * { min-height: 48px; border-radius: 24px; font-weight: 500; font-size: 15px; }
      .join .icon { color: var(--good); }
      .head .join { font-weight: 500; font-size: 15px; padding: 0 16px; }
      .buttons .wide, .buttons .join { flex: 1; min-width: 0; }
      .buttons .slim { flex: none; width: 48px; padding: 0; }
      @container (max-width: 240px) {
        .head { flex-wrap: wrap; padding-block-end: 12px; }
        .to { flex-basis: 50%; }
        .head .join { flex: 1 0 100%; margin-inline-end: 2px; }
      }
      .buttons .slim[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); }
    `,
  ];

  protected override shown(): TemplateResult {
    const { store, engine } = this.house;
    const rooms = store.snapshot?.rooms ?? [];
    const name = this.chosen("room", this.config.room, rooms);
    const room = rooms.find((each) => each.name === name);
    if (room === undefined) return this.message(name ? t("room_not_seen") : rooms.length ? t("room_choose") : t("no_rooms"), icon(mdiAccountVoice));
    const inside = room.participants.length;
    const line = engine.live.find((each) => each.number === room.extension && !each.incoming);
    const title = this.config.title || room.display_name;
    return html`<section class="card" aria-label=${title}>
      ${this.awayLine()}
      <div class="head"><span class="symbol ${inside ? "on" : ""}">${icon(mdiAccountVoice)}</span>
        <button class="to" title=${t("open_in_panel", { name: title })} @click=${() => this.goTo(`/pascom/room/${encodeURIComponent(room.name)}`)}>
          <span class="name">${title}</span><span class="more" role="status">${inside ? common("people_in_room", { count: inside }) : common("room_empty")}</span></button>
        <span class="facts">
          ${room.recording ? html`<span class="on" role="img" aria-label=${common("room_recorded")} title=${common("room_recorded")}>${icon(mdiRecordCircleOutline)}</span>` : nothing}
          ${room.locked ? html`<span role="img" aria-label=${common("room_locked")} title=${common("room_locked")}>${icon(mdiLock)}</span>` : nothing}
        </span>
        ${inside || line || this.config.show_join === false ? nothing : this.join(room)}
      </div>
      ${inside && this.config.show_people !== false ? html`<ul class="people" aria-label=${common("people")}>${room.participants.map((one) => this.person(one))}</ul>` : nothing}
      ${this.buttons(room, line)}
    </section>`;
  }

  private person(one: Participant): TemplateResult {
    const name = one.name || one.number || common("unknown");
    const talks = one.talking && !one.muted;
    return html`<li class="person" aria-label=${[name, talks ? t("speaks") : "", one.muted ? common("muted") : ""].filter(Boolean).join(", ")}>
      <span class="seat ${talks ? "talks" : ""} ${one.muted ? "muted" : ""}">${face(name, { picture: this.house.store.pictures[one.user] })}${one.muted ? html`<span class="silent" aria-hidden="true">${icon(mdiMicrophoneOff)}</span>` : nothing}</span>
      <span class="name" title=${name}>${name}</span></li>`;
  }

  private join(room: Room): TemplateResult {
    return html`<button class="tonal join" ?disabled=${this.isAway} @click=${() => this.preview || void this.house.dial(room.extension, room.display_name)}>${icon(mdiPhone)}${common("room_enter")}</button>`;
  }

  private buttons(room: Room, line: Line | undefined): TemplateResult | typeof nothing {
    const { show_join, show_steering } = this.config;
    const steers = show_steering !== false && room.participants.length > 0;
    if (!line && !room.participants.length) return nothing;
    if (show_join === false && !steers) return nothing;
    const slim = (path: string, text: string, pressed: boolean, work: () => void): TemplateResult =>
      html`<button class="tonal slim" aria-pressed=${pressed} aria-label=${text} title=${text} ?disabled=${this.isAway} @click=${() => this.preview || work()}>${icon(path)}</button>`;
    return html`<div class="buttons">
      ${show_join === false
        ? html`<span class="wide"></span>`
        : line
          ? html`<button class="red wide" @click=${() => this.house.engine.hangUp(line)}>${icon(mdiPhoneHangup)}${t("leave")}</button>`
          : this.join(room)}
      ${steers
        ? html`${slim(room.muted ? mdiMicrophone : mdiMicrophoneOff, room.muted ? common("unmute_all") : common("mute_all"), room.muted, () => void this.does("room/mute_all", { room: room.name, muted: !room.muted }))}
            ${slim(room.locked ? mdiLockOpenVariant : mdiLock, room.locked ? common("room_unlock") : common("room_lock"), room.locked, () => void this.does("room/lock", { room: room.name, locked: !room.locked }))}`
        : nothing}
    </div>`;
  }
}
