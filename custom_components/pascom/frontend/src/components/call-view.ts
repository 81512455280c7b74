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
  icon, mdiAccountRemove, mdiAccountVoice, mdiClose, mdiDialpad, mdiEarHearing, mdiMicrophone, mdiMicrophoneOff, mdiPause, mdiPhone,
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
      :host { display: flex; flex-direction: column; align-items: center; gap: 16px; padding: 16px; min-height: 0; overflow: auto; }
      .who { display: grid; justify-items: center; gap: 4px; max-width: 100%; padding-top: 12px; }
      .who .name { font-size: 24px; max-width: 100%; }
      .state { font-variant-numeric: tabular-nums; color: var(--faint); display: flex; gap: 8px; align-items: center; text-align: center; }
      .poor { color: var(--bad); }
      .fair { color: var(--faint); }
      .tools { display: grid; grid-template-columns: repeat(auto-fit, minmax(74px, 1fr)); gap: 8px; width: 100%; max-width: 380px; }
      .tools button { flex-direction: column; gap: 4px; min-height: 72px; border-radius: var(--radius); font-size: 13px; padding: 8px 4px; background: color-mix(in srgb, var(--text) 5%, transparent); overflow-wrap: anywhere; }
      .tools button[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); }
      .foot { position: sticky; inset-block-end: -16px; padding-block: 8px 16px; margin-block-end: -16px; width: 100%; display: flex; justify-content: center; background: var(--card); }
      .hang { min-width: 160px; min-height: 56px; border-radius: 28px; font-weight: 500; }
      .others { width: 100%; max-width: 380px; display: grid; gap: 8px; }
      .other { display: flex; align-items: center; gap: 10px; padding: 8px 12px; border-radius: var(--radius); background: color-mix(in srgb, var(--text) 5%, transparent); }
      .other > div { flex: 1; min-width: 0; }
      .tray { width: 100%; max-width: 380px; }
      .picture { position: relative; width: 100%; max-width: 480px; aspect-ratio: 4 / 3; border-radius: var(--radius); overflow: hidden; background: #101418; flex: none; }
      .picture video { width: 100%; height: 100%; object-fit: contain; display: block; }
      .own { width: 120px; aspect-ratio: 4 / 3; border-radius: 8px; object-fit: cover; transform: scaleX(-1); background: #101418; }
      .picture .own { position: absolute; inset-block-end: 8px; inset-inline-end: 8px; width: 26%; height: auto; box-shadow: 0 1px 6px rgba(0, 0, 0, 0.5); }
      .does { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; }
      .rooms { display: grid; gap: 4px; }
      .rooms button { justify-content: flex-start; border-radius: var(--radius); background: color-mix(in srgb, var(--text) 5%, transparent); }
      .listens { display: flex; gap: 8px; align-items: center; color: var(--faint); font-size: 14px; }
      .keys { text-align: center; font-size: 22px; min-height: 32px; letter-spacing: 2px; direction: ltr; overflow: hidden; text-overflow: ellipsis; }
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
    return html`${this.pictures(line, name)}<div class="who">
        ${line.picture ? nothing : face(name, { picture: this.house.store.pictureOf(line.number), size: this.tray || others.length || parties.length > 1 ? "" : "large" })}
        <span class="name" title=${name}>${name}</span>
        ${line.number && line.number !== name && parties.length < 2 ? html`<span class="more" dir="ltr">${line.number}</span>` : nothing}
        <span class="state" role="status">${lineState(this.house, line)}</span>
        ${line.phase === "talking" && line.quality && line.quality !== "good" ? html`<span class="state ${line.quality}">${icon(mdiWifiAlert)}${qualityText(line)}</span>` : line.phase === "talking" && line.quality ? html`<span class="more">${qualityText(line)}</span>` : nothing}
        ${line.listens && line.phase === "talking" ? html`<span class="listens">${icon(mdiEarHearing)}${ct("listens")}</span>` : nothing}
        ${line.trouble ? html`<p class="trouble" role="alert">${troubleText(line.trouble)}</p>` : nothing}
        ${line.problem && line.phase !== "ended" ? html`<p class="trouble" role="alert">${line.problem}</p>` : nothing}
      </div>
      ${parties.length > 1 ? this.parties(line, parties) : nothing}
      ${others.length ? this.others(line, others) : nothing}
      ${this.tray ? html`<div class="tray">${this.shown(line)}</div>` : nothing}
      ${line.phase === "talking" ? this.tools(line) : nothing}
      ${line.phase === "ended"
        ? html`<div class="does">
            ${line.broken && line.number ? html`<button class="green hang" @click=${() => void engine.again(line)}>${icon(mdiPhone)}${ct("call_again")}</button>` : nothing}
            <button class="tonal" @click=${() => engine.forget(line)}>${icon(mdiClose)}${t("close")}</button></div>`
        : html`<div class="foot"><button class="red hang" @click=${() => engine.hangUp(line)}>${icon(mdiPhoneHangup)}${t("hang_up")}</button></div>`}`;
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
