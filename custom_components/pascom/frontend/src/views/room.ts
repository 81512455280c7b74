/** A conference room: who is in it, and what one may do with them. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import { Part } from "../components/element";
import {
  icon, mdiAccountRemove, mdiAccountVoice, mdiLock, mdiLockOpenVariant, mdiMicrophone, mdiMicrophoneOff, mdiPhone, mdiPhonePlus, mdiRecordCircleOutline, mdiStop,
} from "../components/icons";
import "../components/number-field";
import { places, rows, shared } from "../components/style";
import { refusal } from "../data/link";
import { t } from "../data/texts";
import type { Participant, Room } from "../data/wire";

@customElement("pascom-room")
export class RoomView extends Part {
  @property() room = "";
  @state() private number = "";

  static override styles = [
    shared,
    rows,
    places,
    faces,
    css`
      .facts { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--faint); font-size: 14px; }
      .facts span { display: inline-flex; gap: 6px; align-items: center; }
      .facts .icon { width: 18px; height: 18px; }
      .facts .on { color: var(--bad); }
      .does { display: flex; flex-wrap: wrap; gap: 8px; }
      .card { padding: 16px; }
      .card h2 { margin: 0 0 8px; }
      .people { padding: 16px 4px 4px; }
      .people h2 { margin-inline: 12px; }
      .nobody { padding: 32px 16px; }
      .nobody p { margin: 0; }
      .talks { outline: 3px solid var(--good); border-radius: 50%; display: block; }
    `,
  ];

  protected override render(): TemplateResult {
    const room = this.house.store.snapshot?.rooms.find((each) => each.name === this.room);
    if (room === undefined) return html`<p class="empty">${t("room_unknown")}</p>`;
    const inside = room.participants.length;
    return html`<div class="all">
      <div class="head"><h1>${room.display_name}</h1>
      <div class="facts">
        <span>${t("extension")} ${room.extension}</span>
        ${inside ? html`<span>${t("people_in_room", { count: inside })}</span>` : nothing}
        ${room.locked ? html`<span>${icon(mdiLock)}${t("room_locked")}</span>` : nothing}
        ${room.recording ? html`<span class="on">${icon(mdiRecordCircleOutline)}${t("room_recorded")}</span>` : nothing}
      </div></div>
      <div class="does">
        <button class="filled" ?disabled=${this.house.engine.live.some(({ number }) => number === room.extension)} @click=${() => void this.house.dial(room.extension, room.display_name)}>${icon(mdiPhone)}${t("room_enter")}</button>
        ${inside ? this.steering(room) : nothing}
      </div>
      ${inside
        ? html`<section class="card people" aria-label=${t("people")}><h2>${t("people")}</h2>${room.participants.map((one) => this.row(one))}</section>`
        : html`<div class="card empty nobody">${icon(mdiAccountVoice)}<p>${t("room_waits")}</p></div>`}
      <section class="card invite" aria-label=${t("room_invite")}><h2>${t("room_invite")}</h2>
        <pascom-number-field calm .house=${this.house} .label=${t("name_or_number")} .symbol=${mdiPhonePlus} .value=${this.number}
          @typed=${({ detail }: CustomEvent<string>) => (this.number = detail)}
          @chosen=${({ detail }: CustomEvent<string>) => this.invite(detail)}></pascom-number-field>
      </section>
    </div>`;
  }

  private steering(room: Room): TemplateResult {
    return html`<button class="tonal" aria-pressed=${room.muted} @click=${() => this.does("room/mute_all", { muted: !room.muted })}>
        ${icon(room.muted ? mdiMicrophone : mdiMicrophoneOff)}${room.muted ? t("unmute_all") : t("mute_all")}</button>
      <button class="tonal" aria-pressed=${room.locked} @click=${() => this.does("room/lock", { locked: !room.locked })}>
        ${icon(room.locked ? mdiLockOpenVariant : mdiLock)}${room.locked ? t("room_unlock") : t("room_lock")}</button>
      <button class="tonal" aria-pressed=${room.recording} @click=${() => this.does("room/record", { on: !room.recording })}>
        ${icon(room.recording ? mdiStop : mdiRecordCircleOutline)}${room.recording ? t("room_record_end") : t("room_record")}</button>`;
  }

  private row(one: Participant): TemplateResult {
    const name = one.name || one.number || t("unknown");
    const mute = t(one.muted ? "unmute_name" : "mute_name", { name });
    return html`<div class="row">
      <span class=${one.talking && !one.muted ? "talks" : ""}>${face(name, { picture: this.house.store.pictures[one.user] })}</span>
      <span class="what"><span class="name" style="display:block">${name}</span>
        <span class="more" style="display:block">${one.name ? one.number : ""}${one.leader ? ` · ${t("room_leader")}` : ""}${one.muted ? ` · ${t("muted")}` : ""}</span></span>
      <button class="round" aria-label=${mute} title=${mute} aria-pressed=${one.muted} @click=${() => this.does("room/mute", { participant: one.id, muted: !one.muted })}>
        ${icon(one.muted ? mdiMicrophoneOff : mdiMicrophone)}</button>
      <button class="round" aria-label=${t("remove_name", { name })} title=${t("remove_name", { name })} @click=${() => this.does("room/drop", { participant: one.id })}>
        ${icon(mdiAccountRemove)}</button>
    </div>`;
  }

  private invite(number: string): void {
    this.number = "";
    void this.does("room/invite", { number }, t("room_invited", { number: this.house.store.nameOfNumber(number) || number }));
  }

  private async does(command: string, fields: object, done = ""): Promise<void> {
    try {
      await this.house.ask(command, { room: this.room, ...fields });
      if (done) this.house.say(done);
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }
}
