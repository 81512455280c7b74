/** A door: its live picture, who rang last, and the buttons talk, open, hang up. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { t as ct } from "../data/call-texts";
import type { DoorLine } from "../data/engine/door";
import { length } from "../data/format";
import { t } from "../data/texts";
import type { Door } from "../data/wire";
import { Part, Seconds } from "./element";
import "./hold-button";
import { icon, mdiArrowCollapseAll, mdiArrowExpandAll, mdiBell, mdiCheck, mdiDoorOpen, mdiEye, mdiLock, mdiMicrophone, mdiMicrophoneOff, mdiPhone, mdiPhoneHangup, mdiVolumeHigh, mdiVolumeOff } from "./icons";
import { steady } from "./steady";
import { shared } from "./style";
import { troubleText } from "./trouble";

/** Pictures whose shape is as close to their place's as this need no more room. */
const SAME = 1.2;
/** How long a door is shown as opened. */
const OPENED_MS = 5000;

@customElement("pascom-door-view")
export class DoorView extends Part {
  @property() door = "";
  /** Over the whole screen, because it rings. */
  @property({ type: Boolean, reflect: true }) ringing = false;
  @state() private listening = false;
  /** The picture fills its place, and what is beside it is cut off. */
  @state() private fills = false;
  /** Whether it would fill its place anyway. */
  @state() private fits = true;
  private readonly sizes = new ResizeObserver(() => this.measure());
  /** Width by height of the picture, as it comes. */
  @state() private ratio = 16 / 9;
  private readonly seconds = new Seconds(this);

  static override styles = [
    shared,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; container-type: inline-size; }
      .picture { position: relative; background: #101418; color: #fff; aspect-ratio: var(--ratio); width: min(100%, calc(max(240px, 100vh - 320px) * var(--ratio))); margin-inline: auto; border-radius: var(--radius); overflow: hidden; display: grid; place-items: center; }
      :host([ringing]) .picture { flex: 1; width: 100%; aspect-ratio: auto; max-height: none; border-radius: 0; min-height: 0; }
      video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
      video.fills { object-fit: cover; }
      .waiting { position: relative; display: grid; justify-items: center; gap: 12px; text-align: center; padding: 16px; text-shadow: 0 1px 4px #000; }
      .spin { width: 36px; height: 36px; border-radius: 50%; border: 3px solid rgba(255, 255, 255, 0.3); border-top-color: #fff; animation: spin 1s linear infinite; }
      @keyframes spin { to { transform: rotate(1turn); } }
      .badge { position: absolute; inset-block-start: 12px; inset-inline-start: 12px; display: flex; gap: 6px; align-items: center; background: rgba(0, 0, 0, 0.6); border-radius: 16px; padding: 4px 12px; font-size: 14px; font-variant-numeric: tabular-nums; max-width: calc(100% - 80px); }
      .live::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: #ff5252; }
      .badge.done { background: var(--green); }
      .beside { position: absolute; inset-block-end: 8px; inset-inline-end: 8px; display: flex; gap: 8px; }
      .beside button { width: 48px; height: 48px; background: rgba(0, 0, 0, 0.6); color: #fff; }
      .beside button:hover:not(:disabled) { background: rgba(0, 0, 0, 0.8); }
      .buttons { display: flex; flex-wrap: wrap; gap: 12px; padding: 16px 0 0; justify-content: center; align-items: stretch; }
      .buttons > * { flex: 1 1 140px; max-width: 260px; min-height: 56px; border-radius: 28px; font-weight: 500; }
      .buttons > * { --hold-padding: 12px; }
      .locked { display: flex; align-items: center; justify-content: center; gap: 8px; color: var(--faint); font-size: 14px; text-align: center; }
      @container (max-width: 399px) {
        .buttons { display: grid; grid-template-columns: 1fr 1fr; }
        .buttons > * { max-width: none; min-width: 0; }
        .buttons > pascom-hold-button, .buttons > .locked { grid-column: 1 / -1; grid-row: 1; }
        .buttons > button:only-of-type { grid-column: 1 / -1; }
      }
      :host([ringing]) .buttons { gap: 16px; padding: 20px 16px calc(24px + var(--safe-area-inset-bottom, env(safe-area-inset-bottom))); }
      :host([ringing]) .buttons > * { min-height: 64px; border-radius: 32px; font-size: 17px; --hold-size: 64px; }
      :host([ringing]) pascom-hold-button { --hold-back: var(--accent-fill); --hold-text: #fff; --hold-fill: rgba(255, 255, 255, 0.5); }
      @media (max-height: 480px) and (min-width: 560px) {
        :host([ringing]) { display: grid; grid-template: minmax(0, 1fr) auto / minmax(0, 1fr) minmax(200px, 30%); }
        :host([ringing]) .picture { grid-row: 1 / -1; }
        :host([ringing]) .buttons { display: flex; flex-flow: column; justify-content: center; padding: 8px 16px; }
        :host([ringing]) .buttons { gap: 12px; }
        :host([ringing]) .buttons > * { flex: none; width: 100%; max-width: none; min-height: 52px; --hold-size: 52px; }
        :host([ringing]) .said { grid-area: 2 / 2; margin: 0 12px 8px; padding: 8px 12px; font-size: 12.5px; line-height: 1.3; }
      }
      .said { margin: 12px 16px 0; text-align: center; }
      .said.trouble { font-weight: 500; }
    `,
  ];

  protected override arrived(): void {
    if (this.door && !this.ringing) void this.house.doors.watch(this.door);
  }

  protected override updated(changed: PropertyValues): void {
    const picture = this.renderRoot.querySelector(".picture");
    if (picture && this.ringing) this.sizes.observe(picture);
    if (changed.has("door") && !this.ringing) {
      const before = changed.get("door") as string | undefined;
      if (before) this.unwatch(before);
      if (this.door) void this.house.doors.watch(this.door);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (!this.ringing) this.unwatch(this.door);
    this.sizes.disconnect();
    this.seconds.run(false);
  }

  /** On a phone held upright a wide picture leaves much of the screen dark. */
  private measure(): void {
    const video = this.renderRoot.querySelector("video");
    if (!video?.videoHeight || !video.clientHeight) return;
    const ratio = video.videoWidth / video.videoHeight / (video.clientWidth / video.clientHeight);
    this.fits = Math.abs(Math.log(ratio)) < Math.log(SAME);
  }

  /** Who talks, and what rings, goes on without this view. */
  private unwatch(door: string): void {
    const line = this.house.doors.line(door);
    if (line && line.view !== "talking" && !line.ring) this.house.doors.leave(door);
  }

  protected override render(): TemplateResult | typeof nothing {
    const door = this.house.store.door(this.door);
    if (door === undefined) return nothing;
    const line = this.house.doors.line(this.door);
    this.seconds.run(line?.view === "talking" || Boolean(line?.opened && Date.now() - line.opened < OPENED_MS + 1000));
    return html`${this.picture(door, line)} ${this.said(line)}
      <div class="buttons">${this.buttons(door, line)}</div>`;
  }

  private picture(door: Door, line: DoorLine | undefined): TemplateResult {
    const talks = line?.view === "talking";
    const zooms = this.ringing && !this.fits;
    const zoom = (): void => void (this.fills = !this.fills);
    return html`<div class="picture" style="--ratio: ${this.ratio}">
      ${line?.stream && door.picture
        ? html`<video class=${this.fills && zooms ? "fills" : ""} .srcObject=${steady(line.stream)} .muted=${!talks && !this.listening} autoplay playsinline aria-label=${t("live_picture_of", { door: door.display_name })}
            @resize=${this.sized} @click=${() => zooms && zoom()}></video>`
        : html`<div class="waiting">
            ${line?.view === "connecting" ? html`<span class="spin"></span>${t("picture_coming")}` : html`${icon(door.picture ? mdiEye : mdiBell)}${door.picture ? this.shut(line) : t("no_picture")}`}
          </div>`}
      ${isOpened(line)
        ? html`<span class="badge done" role="status">${icon(mdiDoorOpen)}${t("opened")}</span>`
        : talks
          ? html`<span class="badge live">${t("talking")} ${length((Date.now() - (line?.since ?? 0)) / 1000)}</span>`
          : line?.view === "watching" && this.ringing
            ? html`<span class="badge live">${t("live")}</span>`
            : nothing}
      ${line?.stream
        ? html`<div class="beside">
            ${zooms ? html`<button class="round" aria-pressed=${this.fills} aria-label=${ct("larger_picture")} title=${ct("larger_picture")} @click=${zoom}>${icon(this.fills ? mdiArrowCollapseAll : mdiArrowExpandAll)}</button>` : nothing}
            ${talks ? nothing : html`<button class="round" aria-pressed=${this.listening} aria-label=${t("listen")} title=${t("listen")} @click=${() => (this.listening = !this.listening)}>
              ${icon(this.listening ? mdiVolumeHigh : mdiVolumeOff)}</button>`}
          </div>`
        : nothing}
    </div>`;
  }

  private readonly sized = ({ target }: Event): void => {
    const { videoWidth, videoHeight } = target as HTMLVideoElement;
    if (videoWidth && videoHeight) this.ratio = Math.max(0.75, Math.min(2, videoWidth / videoHeight));
    this.measure();
  };

  private shut(line: DoorLine | undefined): TemplateResult {
    return html`<button class="tonal" style="color:#fff" @click=${() => void this.house.doors.watch(this.door)}>${line?.problem ? t("try_again") : t("show_picture")}</button>`;
  }

  private said(line: DoorLine | undefined): TemplateResult | typeof nothing {
    if (!this.house.talksAtDoors && line?.rights?.talk !== false) return html`<p class="said notice">${troubleText("insecure")}</p>`;
    const text = line?.trouble ? troubleText(line.trouble) : (line?.problem ?? "");
    return text ? html`<p class="said trouble" role="alert">${text}</p>` : nothing;
  }

  private get away(): boolean {
    return this.house.store.phase === "away";
  }

  private buttons(door: Door, line: DoorLine | undefined): TemplateResult {
    const talks = line?.view === "talking";
    const { talk = true, open = true } = line?.rights ?? {};
    const opened = isOpened(line);
    const opens = door.opening === "none"
      ? nothing
      : open
        ? html`<pascom-hold-button .label=${t("hold_to_open", { door: door.display_name })} ?disabled=${this.away || (line?.opening ?? false)} ?done=${opened} @held=${() => void this.house.doors.open(door.name)}>
            ${icon(opened ? mdiCheck : mdiDoorOpen)}${opened ? t("opened") : t("hold_open")}
          </pascom-hold-button>`
        : html`<span class="locked">${icon(mdiLock)}${t("opening_not_allowed")}</span>`;
    // Red is where it is for every call, and a second tap on *Talk* hangs up nothing.
    if (talks)
      return html`<button class="red" @click=${() => void this.house.doors.end(door.name)}>${icon(mdiPhoneHangup)}${t("hang_up")}</button>
        ${opens}
        ${line.app ? nothing : html`<button class="tonal" aria-pressed=${line.muted} @click=${() => this.house.doors.mute(line)}>${icon(line.muted ? mdiMicrophoneOff : mdiMicrophone)}${line.muted ? t("unmute") : t("mute")}</button>`}`;
    return html`${this.ringing ? html`<button class="red" @click=${() => this.house.declineDoor(door.name)}>${icon(mdiPhoneHangup)}${t("decline")}</button>` : nothing}
      ${opens}
      ${talk && door.two_way
        ? html`<button class="green" data-first ?disabled=${this.away || !this.house.talksAtDoors || (!door.connected && !this.ringing)} @click=${() => void this.house.doors.talk(door.name)}>${icon(mdiPhone)}${t("talk")}</button>`
        : nothing}`;
  }
}

function isOpened(line: DoorLine | undefined): boolean {
  return Boolean(line?.opened && Date.now() - line.opened < OPENED_MS);
}
