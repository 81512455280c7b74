/** A door on a dashboard: its last picture, the live one when somebody rings or taps, and the buttons talk and open. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Seconds } from "../components/element";
import "../components/hold-button";
import {
  icon, mdiBellRing, mdiCheck, mdiDoorbellVideo, mdiDoorOpen, mdiLock, mdiMicrophone, mdiMicrophoneOff, mdiPhone, mdiPhoneHangup, mdiPlay, mdiStop, mdiVolumeHigh, mdiVolumeOff,
} from "../components/icons";
import { steady } from "../components/steady";
import { shared } from "../components/style";
import { troubleText } from "../components/trouble";
import type { DoorLine, Rights } from "../data/engine/door";
import { canSpeak } from "../data/engine/sound";
import { length } from "../data/format";
import { t as common } from "../data/texts";
import type { Door, Image } from "../data/wire";
import { join, leave, look } from "./audience";
import { Card, surface } from "./card";
import type { DoorCardConfig } from "./config";
import { Live } from "./live";
import { t } from "./texts";

/** How long a door is shown as opened. */
const OPENED_MS = 5000;
const SAID_MS = 15_000;

@customElement("pascom-door-card-body")
export class DoorCard extends Card<DoorCardConfig> {
  @state() private visitor: Image | null = null;
  @state() private rights: Rights | null = null;
  @state() private listening = false;
  @state() private ratio = 4 / 3;
  /** The stream of which there are pictures already: until then the still one stays. */
  @state() private moving: MediaStream | null = null;
  private readonly live = new Live();
  private readonly seconds = new Seconds(this);
  /** The door whose picture this card has asked for. */
  private looked = "";
  /** Of which door and ring the last visitor is shown, and of which door the rights. */
  private fetched = "";
  private asked = "";
  private wrong = { text: "", at: 0 };

  static override styles = [
    shared,
    surface,
    css`
      .card.rings { border-color: var(--warn); box-shadow: 0 0 0 4px color-mix(in srgb, var(--warn) 40%, transparent); }
      .mark.rings .icon { animation: swing 1.6s steps(6) infinite; transform-origin: top; }
      @keyframes swing { 0%, 60%, 100% { rotate: 0deg; } 15%, 45% { rotate: 16deg; } 30% { rotate: -16deg; } }
      .picture { position: relative; flex: 1 1 auto; min-height: 96px; aspect-ratio: var(--ratio); background: #12171c; color: #fff; overflow: hidden; }
      @media (max-height: 480px) { .picture { max-height: calc(100vh - 148px); } }
      video, img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; display: block; }
      video.waits { opacity: 0; }
      .bare { background: radial-gradient(120% 90% at 50% 20%, color-mix(in srgb, var(--accent) 46%, #1b232b), #12171c 78%); }
      .bare > .icon { position: absolute; inset: 0; margin: auto; width: 34%; max-width: 120px; height: auto; aspect-ratio: 1; opacity: 0.22; translate: 0 -12%; }
      .shade { position: absolute; inset: auto 0 0; padding: 40px 12px 12px; padding-inline: 16px 12px; display: flex; align-items: flex-end; gap: 8px; background: linear-gradient(transparent, rgba(0, 0, 0, 0.6) 50%, rgba(0, 0, 0, 0.82)); pointer-events: none; }
      .shade > * { pointer-events: auto; }
      .to { flex: 1; min-width: 0; padding: 0; border-radius: 8px; display: block; text-align: start; color: #fff; }
      .to:hover:not(:disabled) { background: none; }
      .to .name { font-size: 18px; line-height: 1.3; }
      .to .more { color: rgba(255, 255, 255, 0.86); font-size: 13px; }
      .shade .round { background: rgba(20, 24, 28, 0.55); color: #fff; flex: none; width: 48px; height: 48px; }
      .shade .round:hover:not(:disabled) { background: rgba(20, 24, 28, 0.8); }
      .mark { position: absolute; inset-block-start: 12px; inset-inline-start: 12px; max-width: calc(100% - 24px); display: flex; align-items: center; gap: 6px; padding: 4px 12px; border-radius: 16px; background: rgba(20, 24, 28, 0.66); color: #fff; font-size: 13px; font-weight: 500; font-variant-numeric: tabular-nums; }
      .mark .icon { width: 18px; height: 18px; }
      .mark.live::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: #ff5252; }
      .mark.rings { background: var(--warn); color: #1c1300; }
      .mark.done { background: var(--green); }
      .coming { position: absolute; inset: 0; margin: auto; width: 36px; height: 36px; border-radius: 50%; border: 3px solid rgba(255, 255, 255, 0.3); border-top-color: #fff; animation: spin 1s linear infinite; }
      @keyframes spin { to { transform: rotate(1turn); } }
      .buttons { flex: none; display: flex; gap: 8px; padding: 12px; --hold-size: 48px; --hold-padding: 8px; }
      .buttons > * { flex: 1 1 0; min-width: 0; min-height: 48px; border-radius: 24px; font-weight: 500; font-size: 15px; padding: 0 10px; }
      .buttons > pascom-hold-button { padding: 0; flex-grow: 1.4; }
      .buttons .slim { flex: 0 0 48px; padding: 0; }
      .buttons .talk .icon { color: var(--good); }
      .buttons .talk.green .icon { color: inherit; }
      .locked { display: flex; align-items: center; justify-content: center; gap: 8px; color: var(--faint); font-size: 13px; font-weight: 400; line-height: 1.25; background: color-mix(in srgb, var(--text) 5%, transparent); }
      .locked .icon { width: 20px; height: 20px; }
      @container (max-width: 220px) {
        .shade { flex-wrap: wrap; justify-content: flex-end; }
        .to { flex-basis: 100%; }
      }
      @container (max-width: 300px) {
        .buttons { flex-direction: column; }
        .buttons > *, .buttons .slim { flex: none; width: 100%; }
      }
    `,
  ];

  protected override arrived(): void {
    super.arrived();
    document.addEventListener("visibilitychange", this.see);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.see);
    this.live.end();
    this.seconds.run(false);
    this.stopLooking();
  }

  protected override shown(): TemplateResult {
    const { store, doors } = this.house;
    const door = store.door(this.door);
    if (door === undefined) return this.message(this.door ? t("door_not_seen") : t("door_choose"), icon(mdiDoorbellVideo));
    const line = doors.line(door.name);
    const pictured = door.picture && this.config.show_picture !== false;
    const said = this.said(line);
    const buttons = this.buttons(door, line);
    return html`<section class="card ${door.state === "ringing" ? "rings" : ""}" aria-label=${this.named(door)}>
      ${this.awayLine()}
      ${pictured ? this.picture(door, line) : this.head(door, line)}
      ${buttons.length ? html`<div class="buttons">${buttons}</div>` : nothing}
      ${said ? html`<p class="trouble" role="alert">${said}</p>` : nothing}
      ${buttons.length && !this.speaks && this.config.show_talk !== false && door.two_way ? html`<p class="notice">${troubleText("insecure")}</p>` : nothing}
    </section>`;
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!this.house) return;
    const ring = this.shownDoor?.state === "ringing" ? (this.shownDoor.ring?.id ?? "") : "";
    this.live.rings(ring);
  }

  protected override updated(): void {
    const door = this.shownDoor;
    if (!this.house || door === undefined) return;
    if (this.isAway) {
      // What it showed may be another when the PBX is back.
      this.fetched = this.asked = "";
      return;
    }
    this.fetch(door);
    const line = this.house.doors.line(door.name);
    // Lost, refused, ended by whoever had it: it does not begin by itself again.
    if (this.looked && line?.view === "closed") this.stopLooking(true);
    const wanted = this.wanted(door) || line?.view === "talking";
    if (wanted && !this.looked) {
      this.looked = door.name;
      look(this.house, door.name, this);
    } else if (this.looked && (!wanted || this.looked !== door.name)) this.stopLooking();
    this.shows(`door:${door.name}`);
    const running = Boolean(this.looked || (line?.opened && Date.now() - line.opened < OPENED_MS + 1000));
    this.seconds.run(running);
  }

  private get door(): string {
    return this.chosen("door", this.config.door, this.house.store.snapshot?.doors ?? []);
  }

  private get shownDoor(): Door | undefined {
    return this.house && this.config ? this.house.store.door(this.door) : undefined;
  }

  /** Whether this person can speak with a visitor here, or by a phone that rings first. */
  private get speaks(): boolean {
    return canSpeak() || this.phone !== "";
  }

  private get phone(): string {
    const { store, choices } = this.house;
    if (choices.outgoing !== "browser") return choices.outgoing;
    return store.user(store.me.user)?.devices.find((device) => device.registered && device.kind === "phone")?.name ?? "";
  }

  private wanted(door: Door): boolean {
    if (this.preview || !door.picture || this.config.show_picture === false) return false;
    return this.onScreen && this.live.wanted(Date.now(), this.config.live_on_ring !== false);
  }

  private picture(door: Door, line: DoorLine | undefined): TemplateResult {
    const stream = this.looked === door.name ? line?.stream : null;
    const talks = line?.view === "talking";
    const moves = Boolean(stream) && this.moving === stream;
    const still = this.visitor && this.config.show_visitor !== false ? this.visitor : null;
    return html`<div class="picture ${moves || still ? "" : "bare"}" style="--ratio: ${this.ratio}">
      ${still && !moves
        ? html`<img src="data:${still.content_type};base64,${still.data}" alt=${t("last_visitor_of", { door: this.named(door) })} @load=${this.measured} />`
        : moves ? nothing : icon(mdiDoorbellVideo)}
      ${stream
        ? html`<video class=${moves ? "" : "waits"} .srcObject=${steady(stream)} .muted=${!talks && !this.listening} autoplay playsinline aria-label=${common("live_picture_of", { door: this.named(door) })}
            @resize=${this.measured} @playing=${() => (this.moving = stream)}></video>`
        : nothing}
      ${this.looked && !moves ? html`<span class="coming" role="status" aria-label=${common("picture_coming")}></span>` : nothing}
      ${this.mark(door, line)}
      <div class="shade">
        <button class="to" title=${t("open_in_panel", { name: this.named(door) })} @click=${() => this.goTo(`/pascom/door/${encodeURIComponent(door.name)}`)}>
          <span class="name">${this.named(door)}</span><span class="more">${this.about(door)}</span></button>
        ${stream && !talks
          ? html`<button class="round" aria-pressed=${this.listening} aria-label=${common("listen")} title=${common("listen")} @click=${() => (this.listening = !this.listening)}>${icon(this.listening ? mdiVolumeHigh : mdiVolumeOff)}</button>`
          : nothing}
        ${talks || this.isAway
          ? nothing
          : this.looked
            ? html`<button class="round" aria-label=${t("hide_picture")} title=${t("hide_picture")} @click=${() => this.stopLooking(true)}>${icon(mdiStop)}</button>`
            : html`<button class="round" aria-label=${t("show_picture_of", { door: this.named(door) })} title=${common("show_picture")} ?disabled=${!door.connected && door.state === "idle"} @click=${this.tap}>${icon(mdiPlay)}</button>`}
      </div>
    </div>`;
  }

  /** What went wrong, to be read for a while: the card stays for years. */
  private said(line: DoorLine | undefined): string {
    const text = line?.trouble ? troubleText(line.trouble) : (line?.problem ?? "");
    if (text !== this.wrong.text) {
      this.wrong = { text, at: Date.now() };
      if (text) setTimeout(() => this.requestUpdate(), SAID_MS);
    }
    return Date.now() - this.wrong.at < SAID_MS ? text : "";
  }

  /** Without a picture: as slim as Home Assistant's own cards. */
  private head(door: Door, line: DoorLine | undefined): TemplateResult {
    const rings = door.state === "ringing";
    const opened = this.isOpened(line);
    return html`<div class="head">
      <span class="symbol ${rings ? "warn" : door.state === "talking" || opened ? "on" : ""}">${icon(rings ? mdiBellRing : opened ? mdiDoorOpen : mdiDoorbellVideo)}</span>
      <span class="what" role="status"><span class="name">${this.named(door)}</span><span class="more">${opened ? common("opened") : this.state(door, line) || this.about(door)}</span></span>
    </div>`;
  }

  private mark(door: Door, line: DoorLine | undefined): TemplateResult | typeof nothing {
    const mark = (kind: string, text: string, path = ""): TemplateResult => html`<span class="mark ${kind}" role="status">${path ? icon(path) : nothing}${text}</span>`;
    if (this.isOpened(line)) return mark("done", common("opened"), mdiDoorOpen);
    const text = this.state(door, line);
    if (line?.view === "talking") return mark("live", text);
    if (door.state === "ringing") return mark("rings", text, mdiBellRing);
    if (text) return mark(line?.view === "watching" && this.looked ? "live" : "", text);
    return nothing;
  }

  private state(door: Door, line: DoorLine | undefined): string {
    if (line?.view === "talking") return `${common("talking")} ${length((Date.now() - line.since) / 1000)}`;
    if (door.state === "ringing") return [t("rings"), door.ring?.button].filter(Boolean).join(" · ");
    if (door.state === "talking" && door.ring?.answered_by) return t("talks_with", { name: this.house.store.nameOf(door.ring.answered_by) });
    if (this.looked && line?.view === "watching") return common("live");
    return door.connected ? "" : common("door_offline");
  }

  /** Who was here last, and what became of it. */
  private about(door: Door): string {
    const last = door.last_ring;
    if (this.config.show_visitor === false) return "";
    if (last === null) return common("no_visitors");
    const at = this.house.format.moment(last.at);
    if (last.answered_by) return `${at} · ${common("answered_by", { by: this.house.store.nameOf(last.answered_by) })}`;
    return last.outcome === "missed" ? `${at} · ${common("way_missed")}` : at;
  }

  private buttons(door: Door, line: DoorLine | undefined): TemplateResult[] {
    const { open = true, talk = true } = this.rights ?? {};
    const talks = line?.view === "talking";
    const { doors } = this.house;
    const shown: TemplateResult[] = [];
    if (talks) shown.push(html`<button class="red slim" aria-label=${common("hang_up")} title=${common("hang_up")} @click=${() => void doors.end(door.name)}>${icon(mdiPhoneHangup)}</button>`);
    else if (this.config.show_talk !== false && door.two_way && talk)
      shown.push(html`<button class="talk ${door.state === "ringing" || this.looked ? "green" : "tonal"}" ?disabled=${!this.speaks || this.isAway || !door.connected} @click=${() => this.talk(door)}>${icon(mdiPhone)}${common("talk")}</button>`);
    if (this.config.show_open !== false && door.opening !== "none")
      shown.push(open
        ? html`<pascom-hold-button .label=${common("hold_to_open", { door: this.named(door) })} ?disabled=${this.isAway || (line?.opening ?? false)} ?done=${this.isOpened(line)} @held=${() => this.preview || void doors.open(door.name)}>${icon(this.isOpened(line) ? mdiCheck : mdiDoorOpen)}${this.isOpened(line) ? common("opened") : common("hold_open")}</pascom-hold-button>`
        : html`<span class="locked">${icon(mdiLock)}${common("opening_not_allowed")}</span>`);
    if (talks)
      shown.push(html`<button class="tonal slim" aria-pressed=${line.muted} aria-label=${line.muted ? common("unmute") : common("mute")} title=${line.muted ? common("unmute") : common("mute")} @click=${() => doors.mute(line)}>${icon(line.muted ? mdiMicrophoneOff : mdiMicrophone)}</button>`);
    return shown;
  }

  private named(door: Door): string {
    return this.config.title || door.display_name;
  }

  private isOpened(line: DoorLine | undefined): boolean {
    return Boolean(line?.opened && Date.now() - line.opened < OPENED_MS);
  }

  private talk(door: Door): void {
    if (this.preview) return;
    this.live.tap(Date.now());
    if (!canSpeak()) {
      void this.house.dial(door.extension, door.display_name);
      return;
    }
    this.looked ||= door.name;
    join(this.house, door.name, this);
    void this.house.doors.talk(door.name);
  }

  private readonly tap = (): void => {
    if (this.preview) return;
    this.live.tap(Date.now());
    this.requestUpdate();
  };

  /** `ended`: not by the card's own wish, or by its button; then it needs a tap to begin anew. */
  private stopLooking(ended = false): void {
    if (ended) this.live.end();
    if (!this.looked) return;
    const door = this.looked;
    this.looked = "";
    this.listening = false;
    leave(this.house, door, this);
    this.requestUpdate();
  }

  protected override sighted(onScreen: boolean): void {
    super.sighted(onScreen);
    this.see();
  }

  private readonly see = (): void => {
    this.live.visible(this.onScreen && document.visibilityState === "visible", Date.now());
    this.requestUpdate();
  };

  private readonly measured = ({ target }: Event): void => {
    const { videoWidth, videoHeight } = target as HTMLVideoElement;
    const { naturalWidth, naturalHeight } = target as HTMLImageElement;
    const ratio = (videoWidth || naturalWidth) / (videoHeight || naturalHeight);
    if (ratio > 0) this.ratio = Math.min(16 / 9, Math.max(1, ratio));
  };

  /** The picture of the last visitor, and what this person may do here: once each, and when there is a newer one. */
  private fetch(door: Door): void {
    const newest = `${door.name}/${door.last_ring?.id ?? ""}/${door.last_ring?.picture ?? false}`;
    if (newest !== this.fetched) {
      this.fetched = newest;
      if (door.picture && this.config.show_picture !== false)
        void this.house.ask<Image | null>("door/last_visitor", { door: door.name }).then((visitor) => {
          if (this.fetched === newest) this.visitor = visitor;
        }, () => undefined);
    }
    if (this.asked !== door.name) {
      this.asked = door.name;
      void this.house.ask<Rights>("door/rights", { door: door.name }).then((rights) => {
        if (this.asked === door.name) this.rights = rights;
      }, () => undefined);
    }
  }
}
