/** The call one speaks on: who, how long, how good, and what can be done with it. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { t as ct } from "../data/call-texts";
import type { Line } from "../data/engine/engine";
import { canSpeak } from "../data/engine/sound";
import { t } from "../data/texts";
import type { Party } from "../data/wire";
import { face, faces } from "./avatar";
import { Part, Seconds } from "./element";
import {
  icon, mdiAccountGroup, mdiAccountRemove, mdiAccountVoice, mdiChevronLeft, mdiClose, mdiDialpad, mdiEarHearing, mdiMicrophone, mdiMicrophoneOff, mdiPause, mdiPhone,
  mdiPhoneForward, mdiPhoneHangup, mdiPhonePlus, mdiPlay, mdiSetMerge, mdiSwapHorizontal, mdiTuneVertical, mdiVideo, mdiVideoOff, mdiWifiAlert,
} from "./icons";
import "./keypad";
import { lineName, lineState, partiesOf, qualityText } from "./line-text";
import "./number-field";
import "./sound-tray";
import { steady } from "./steady";
import { shared } from "./style";
import { troubleText } from "./trouble";

type Tray = "" | "keys" | "sound" | "transfer" | "add" | "room";

const KEYS = /^[0-9*#]$/;
/** Where keys are meant for writing. */
const WRITES: ReadonlySet<string> = new Set(["INPUT", "SELECT", "TEXTAREA"]);

@customElement("pascom-call-view")
export class CallView extends Part {
  @state() private tray: Tray = "";
  @state() private pressed = "";
  private mirrored: MediaStream | null = null;
  private readonly seconds = new Seconds(this);

  static override styles = [
    shared,
    faces,
    css`
      :host { display: block; container-type: size; min-height: 0; }
      /* Above who it is and what one looks something up in, below what one presses: that stays where it is. */
      .all { display: flex; flex-direction: column; height: 100%; }
      .upper { flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; display: flex; flex-direction: column; align-items: center; gap: 12px; padding: 16px 16px 8px; }
      .lower { flex: none; display: flex; flex-direction: column; align-items: center; gap: 16px; padding: 8px 16px 20px; }
      .who { display: grid; justify-items: center; gap: 4px; width: 100%; padding-top: 12px; text-align: center; margin-block: auto; }
      .who .face.large { width: 120px; height: 120px; font-size: 44px; margin-block-end: 8px; }
      .who .name { font-size: 26px; line-height: 1.25; max-width: 100%; white-space: normal; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; }
      .words { display: grid; justify-items: center; gap: 4px; min-width: 0; max-width: 100%; }
      .who.slim { grid-template-columns: auto minmax(0, 1fr); align-items: center; gap: 12px; max-width: 380px; padding: 0; text-align: start; margin-block: 0; flex: none; }
      .who.slim .words { justify-items: start; gap: 0; width: 100%; }
      .who.slim .name { font-size: 18px; display: block; white-space: nowrap; }
      .who.slim .state { justify-content: flex-start; text-align: start; font-size: 14px; }
      .who.slim > :only-child { grid-column: 1 / -1; }
      .state { font-variant-numeric: tabular-nums; color: var(--faint); display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; justify-content: center; text-align: center; }
      .state .icon { width: 20px; height: 20px; }
      .poor { color: var(--bad); }
      .fair { color: var(--faint); }
      .tools { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 8px; width: 100%; max-width: 380px; }
      .others .tools { grid-template-columns: repeat(3, minmax(0, 1fr)); }
      .tools button { flex-direction: column; gap: 4px; min-height: 72px; border-radius: var(--radius); font-size: 13px; line-height: 1.2; padding: 8px 2px; hyphens: auto; background: color-mix(in srgb, var(--text) 5%, transparent); overflow-wrap: anywhere; }
      .tools button[aria-pressed="true"] { background: var(--accent-fill); color: var(--on-accent); }
      .foot { display: flex; gap: 12px; width: 100%; max-width: 380px; justify-content: center; }
      .foot button.shut { display: none; padding: 0; width: 60px; border-radius: 30px; }
      .hang { min-width: 180px; min-height: 60px; border-radius: 30px; font-weight: 500; }
      .others { width: 100%; max-width: 380px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 8px; flex: none; }
      .other { display: flex; align-items: center; gap: 10px; padding: 8px 12px; border-radius: var(--radius); background: color-mix(in srgb, var(--text) 5%, transparent); }
      .other > div { flex: 1; min-width: 0; }
      .tray { width: 100%; max-width: 380px; flex: none; margin-block: auto; }
      .tray.top { margin-block: 0 auto; }
      .picture { position: relative; width: 100%; max-width: 960px; flex: 1 0 auto; min-height: min(60cqh, 180px); border-radius: var(--radius); overflow: hidden; background: #101418; }
      .all.open .picture { flex: 0 0 88px; min-height: 0; }
      .picture video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; display: block; }
      .own { width: 120px; aspect-ratio: 4 / 3; border-radius: 8px; object-fit: cover; transform: scaleX(-1); background: #101418; flex: none; }
      .picture .own { inset: auto; inset-block-end: 8px; inset-inline-end: 8px; width: min(26%, 160px); height: auto; box-shadow: 0 1px 6px rgba(0, 0, 0, 0.5); }
      .does { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; align-items: center; }
      .rooms { display: grid; gap: 4px; }
      .rooms button { justify-content: flex-start; border-radius: var(--radius); background: color-mix(in srgb, var(--text) 5%, transparent); }
      .listens { display: flex; gap: 8px; align-items: center; color: var(--faint); font-size: 14px; }
      .keys { text-align: center; font-size: 22px; min-height: 32px; letter-spacing: 2px; direction: ltr; overflow: hidden; text-overflow: ellipsis; }
      /* A small phone: what one has opened takes the place of the buttons. */
      @container (max-height: 600px) {
        .who .face.large { width: 96px; height: 96px; font-size: 36px; margin-block-end: 0; }
        .upper { padding-block-start: 8px; }
        .lower { gap: 12px; padding-block-end: 12px; }
        .all.open .lower > .tools { display: none; }
        .all.open .foot button.shut { display: inline-flex; }
        .tray { --key: 52px; --between: 8px; }
      }
      /* A phone that lies on its side. */
      @container (max-height: 460px) and (min-width: 480px) {
        .all { flex-direction: row; }
        .upper { padding-inline-end: 4px; }
        .lower, .all.open .lower { flex: 0 0 min(46%, 320px); justify-content: center; padding-inline-start: 8px; padding-block: 8px; }
        .lower .tools { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 6px; }
        .lower .tools button { min-height: 56px; font-size: 12px; }
        .all.open .lower > .tools { display: grid; }
        .all.open .foot button.shut { display: none; }
        .tray { --key: 44px; --between: 6px; }
        .hang { min-height: 52px; }
        .who .face.large { width: 88px; height: 88px; }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.typed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.typed);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { engine } = this.house;
    const line = engine.current ?? engine.over;
    this.seconds.run(line?.phase === "talking");
    if (line === undefined) return nothing;
    const others = engine.live.filter((each) => each !== line && each.phase === "talking");
    const name = lineName(this.house, line);
    const parties = line.phase === "ended" ? [] : partiesOf(this.house, line);
    const conference = parties.length > 1;
    const slim = Boolean(this.tray || others.length || conference || line.picture);
    const tray = line.phase === "ended" ? "" : this.tray;
    return html`<div class="all ${tray ? "open" : ""}">
      <div class="upper">${this.pictures(line, name)}
        <div class="who ${slim ? "slim" : ""}">
          ${line.picture ? nothing : face(name, { picture: conference ? "" : this.house.store.pictureOf(line.number), symbol: conference ? mdiAccountGroup : "", size: slim ? "" : "large" })}
          <div class="words"><span class="name" title=${name}>${name}</span>
            ${line.number && line.number !== name && !conference && !slim ? html`<span class="more" dir="ltr">${line.number}</span>` : nothing}
            <span class="state"><span role="status">${lineState(this.house, line)}</span>${this.quality(line)}</span>
            ${line.listens && line.phase === "talking" ? html`<span class="listens">${icon(mdiEarHearing)}${ct("listens")}</span>` : nothing}
            ${line.trouble ? html`<p class="trouble" role="alert">${troubleText(line.trouble)}</p>` : nothing}
            ${line.problem && line.phase !== "ended" ? html`<p class="trouble" role="alert">${line.problem}</p>` : nothing}
          </div>
        </div>
        ${conference ? this.parties(line, parties) : nothing}
        ${others.length ? this.others(line, others) : nothing}
        ${tray ? html`<div class="tray ${tray === "transfer" || tray === "add" ? "top" : ""}">${this.shown(line)}</div>` : nothing}
      </div>
      <div class="lower">
        ${line.phase === "talking" ? this.tools(line) : nothing}
        ${line.phase === "ended"
          ? html`<div class="does">
              ${line.broken && line.number ? html`<button class="green hang" @click=${() => void engine.again(line)}>${icon(mdiPhone)}${ct("call_again")}</button>` : nothing}
              <button class="tonal" @click=${() => engine.forget(line)}>${icon(mdiClose)}${t("close")}</button></div>`
          : html`<div class="foot">
              <button class="tonal shut" aria-label=${t("back")} title=${t("back")} @click=${() => (this.tray = "")}>${icon(mdiChevronLeft)}</button>
              <button class="red hang" @click=${() => engine.hangUp(line)}>${icon(mdiPhoneHangup)}${t("hang_up")}</button></div>`}
      </div></div>`;
  }

  private quality(line: Line): TemplateResult | typeof nothing {
    if (line.phase !== "talking" || !line.quality || line.path === "lost" || line.path === "failed") return nothing;
    if (line.quality === "good") return html`<span aria-hidden="true">·</span><span>${qualityText(line)}</span>`;
    return html`<span class="state ${line.quality}">${icon(mdiWifiAlert)}${qualityText(line)}</span>`;
  }

  private pictures(line: Line, name: string): TemplateResult | typeof nothing {
    const film = this.house.engine.media(line)?.own;
    const own = film ? html`<video class="own" .srcObject=${steady(this.mirror(film))} .muted=${true} autoplay playsinline aria-label=${ct("own_picture")}></video>` : nothing;
    if (!line.picture) return own;
    return html`<div class="picture"><video .srcObject=${steady(line.picture)} .muted=${true} autoplay playsinline aria-label=${ct("picture_of", { name })}></video>${own}</div>`;
  }

  /** One stream a track: a new one would make the picture flicker each time it is drawn. */
  private mirror(film: MediaStreamTrack): MediaStream {
    if (this.mirrored?.getVideoTracks()[0] !== film) this.mirrored = new MediaStream([film]);
    return this.mirrored;
  }

  private tools(line: Line): TemplateResult {
    const { engine } = this.house;
    const tool = (path: string, text: string, work: () => void, pressed?: boolean): TemplateResult =>
      html`<button aria-pressed=${pressed === undefined ? nothing : pressed} @click=${work}>${icon(path)}<span>${text}</span></button>`;
    const toggle = (tray: Tray) => (): void => void (this.tray = this.tray === tray ? "" : tray);
    const { rooms = [] } = this.house.store.snapshot ?? {};
    const inRoom = rooms.some(({ extension }) => extension === line.number);
    // Pictures pass between two.
    const films = canSpeak() && (line.camera || (!inRoom && partiesOf(this.house, line).length < 2));
    return html`<div class="tools">
      ${tool(line.muted ? mdiMicrophoneOff : mdiMicrophone, line.muted ? t("unmute") : t("mute"), () => engine.mute(line), line.muted)}
      ${tool(line.held ? mdiPlay : mdiPause, line.held ? t("resume") : t("hold"), () => void engine.hold(line), line.held)}
      ${tool(mdiDialpad, t("keypad"), toggle("keys"), this.tray === "keys")}
      ${films ? tool(line.camera ? mdiVideo : mdiVideoOff, ct(line.camera ? "camera_off" : "camera_on"), () => void engine.show(line), line.camera) : nothing}
      ${canSpeak() ? tool(mdiTuneVertical, ct("sound"), toggle("sound"), this.tray === "sound") : nothing}
      ${tool(mdiPhoneForward, t("transfer"), toggle("transfer"), this.tray === "transfer")}
      ${tool(mdiPhonePlus, t("add_call"), toggle("add"), this.tray === "add")}
      ${rooms.length && !inRoom ? tool(mdiAccountVoice, ct("room"), toggle("room"), this.tray === "room") : nothing}
    </div>`;
  }

  private shown(line: Line): TemplateResult {
    if (this.tray === "keys")
      return html`<div class="keys" aria-live="polite">${this.pressed}</div>
        <pascom-keypad @key=${({ detail }: CustomEvent<string>) => this.press(line, detail)}></pascom-keypad>`;
    if (this.tray === "sound") return html`<pascom-sound-tray .house=${this.house} .track=${this.house.engine.media(line)?.microphone ?? null}></pascom-sound-tray>`;
    if (this.tray === "room") return this.rooms(line);
    const transfers = this.tray === "transfer";
    return html`<pascom-number-field
      .house=${this.house}
      .label=${transfers ? t("transfer_to") : t("call_whom")}
      .symbol=${transfers ? mdiPhoneForward : mdiPhone}
      .besides=${this.house.engine.live.map(({ number }) => number)}
      @chosen=${({ detail }: CustomEvent<string>) => {
        this.tray = "";
        if (transfers) void this.house.transfer(line, detail);
        else void this.house.engine.dial(detail, this.house.store.nameOfNumber(detail));
      }}
    ></pascom-number-field>`;
  }

  private rooms(line: Line): TemplateResult {
    return html`<div class="rooms" role="group" aria-label=${ct("room_which")}><span class="more">${ct("room_which")}</span>
      ${(this.house.store.snapshot?.rooms ?? []).map((room) => html`<button @click=${() => {
        this.tray = "";
        void this.house.intoRoom(line, room);
      }}>${icon(mdiAccountVoice)}<span class="name">${room.display_name}</span></button>`)}</div>`;
  }

  /** Who is in a conference besides me; whoever brought them together may let one go. */
  private parties(line: Line, parties: Party[]): TemplateResult {
    return html`<div class="others" role="list" aria-label=${t("people")}>
      ${parties.map((party) => {
        const name = party.name || party.number || t("unknown");
        return html`<div class="other" role="listitem">${face(name, { picture: this.house.store.pictureOf(party.number), size: "slim" })}<div class="name">${name}</div>
          <button class="round" aria-label=${t("remove_name", { name })} title=${t("remove")} @click=${() => void this.house.engine.steering.remove(line, party.number)}>${icon(mdiAccountRemove)}</button></div>`;
      })}
    </div>`;
  }

  private others(line: Line, others: Line[]): TemplateResult {
    const { engine } = this.house;
    return html`<div class="others">
      ${others.map((other) => html`<div class="other">
          ${face(lineName(this.house, other), { picture: this.house.store.pictureOf(other.number), size: "slim" })}
          <div><div class="name">${lineName(this.house, other)}</div><div class="more">${lineState(this.house, other)}</div></div>
          <button class="round" aria-label=${t("hang_up")} title=${t("hang_up")} @click=${() => engine.hangUp(other)}>${icon(mdiPhoneHangup)}</button>
        </div>
        ${line.phase === "talking" ? html`<div class="tools">
          <button @click=${() => void engine.hold(other, false)}>${icon(mdiSwapHorizontal)}<span>${t("swap")}</span></button>
          <button @click=${() => void engine.steering.connect(line, other)}>${icon(mdiPhoneForward)}<span>${t("connect_them")}</span></button>
          <button @click=${() => void engine.steering.merge(line, other)}>${icon(mdiSetMerge)}<span>${t("merge")}</span></button>
        </div>` : nothing}`)}
    </div>`;
  }

  private press(line: Line, key: string): void {
    const digit = key === "+" ? "0" : key;
    this.pressed += digit;
    this.house.engine.press(line, digit);
  }

  /** Digits of the keyboard are keys of the call, unless one writes somewhere. */
  private readonly typed = (event: KeyboardEvent): void => {
    const line = this.house?.engine.current;
    const [target] = event.composedPath() as [HTMLElement];
    if (!KEYS.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (line?.phase !== "talking" || line.held || WRITES.has(target.tagName) || target.isContentEditable) return;
    this.tray = "keys";
    this.press(line, event.key);
  };
}
