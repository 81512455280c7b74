/** One's own mailbox: on or off, after how long, with which words, and by which PIN one listens to it elsewhere. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { canSpeak } from "../data/engine/sound";
import { length } from "../data/format";
import { refusal } from "../data/link";
import { t } from "../data/texts";
import { encoded, MOST_GREETING, playable } from "../data/voicemail";
import { t as v } from "../data/voicemail-texts";
import type { Image, MailboxSettings as Kept } from "../data/wire";
import { Part, Seconds } from "./element";
import { icon, mdiDeleteOutline, mdiMicrophone, mdiStop, mdiUpload } from "./icons";
import "./message-player";
import { shared } from "./style";
import { switches } from "./switches";

const WAITS = [10, 15, 20, 25, 30, 45, 60] as const;
const MOST_SECONDS = 120;

@customElement("pascom-mailbox-settings")
export class MailboxSettings extends Part {
  @state() private kept: Kept | null = null;
  @state() private greeting: string | null = null;
  @state() private pin = "";
  @state() private recording: { recorder: MediaRecorder; since: number } | null = null;
  @state() private busy = false;
  private readonly seconds = new Seconds(this);

  static override styles = [
    shared,
    css`
      :host { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
      ${switches}
      .does { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
      .pin { display: flex; gap: 8px; align-items: center; }
      .pin label { flex: 1; }
      h3 { font-size: 16px; font-weight: 500; margin: 8px 0 0; }
      p { margin: 0; color: var(--faint); font-size: 14px; }
    `,
  ];

  protected override arrived(): void {
    void this.asks(async () => {
      this.kept = await this.house.ask<Kept>("voicemail/settings");
      const greeting = await this.house.ask<Image | null>("voicemail/greeting");
      this.greeting = greeting && playable(greeting);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.recording?.recorder.stop();
    this.recording = null;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { kept, recording, greeting } = this;
    this.seconds.run(recording !== null);
    if (kept === null) return html`<p class="empty">${t("connecting")}</p>`;
    return html`<label class="switch"><span>${v("takes_calls")}</span>
        <input type="checkbox" .checked=${kept.enabled} @change=${(event: Event) => this.set({ enabled: (event.target as HTMLInputElement).checked })} /></label>
      <label>${v("after")}<select class="field" ?disabled=${!kept.enabled} @change=${(event: Event) => this.set({ seconds: Number((event.target as HTMLSelectElement).value) })}>
        ${[...new Set([...WAITS, kept.seconds])].toSorted((a, b) => a - b).map((seconds) => html`<option value=${seconds} ?selected=${seconds === kept.seconds}>${v("seconds", { seconds })}</option>`)}</select></label>
      <h3>${v("greeting")}</h3>
      <p>${greeting ? v("greeting_own") : v("greeting_standard")}</p>
      ${greeting && !recording ? html`<pascom-message-player .speaker=${this.house.choices.speaker} .fetch=${() => Promise.resolve(greeting)}></pascom-message-player>` : nothing}
      <div class="does">
        ${recording
          ? html`<button class="red" @click=${() => recording.recorder.stop()}>${icon(mdiStop)}${v("record_end")} ${length((Date.now() - recording.since) / 1000)}</button>`
          : html`<button class="tonal" ?disabled=${!canSpeak() || this.busy} @click=${this.record}>${icon(mdiMicrophone)}${v("record")}</button>
              <button class="tonal" ?disabled=${this.busy} @click=${() => this.renderRoot.querySelector<HTMLInputElement>("[type=file]")?.click()}>${icon(mdiUpload)}${v("upload")}</button>
              ${greeting ? html`<button class="tonal" ?disabled=${this.busy} @click=${() => void this.send(null)}>${icon(mdiDeleteOutline)}${v("greeting_remove")}</button>` : nothing}`}
        <input type="file" accept="audio/*" hidden aria-hidden="true" tabindex="-1" @change=${(event: Event) => void this.upload(event.target as HTMLInputElement)} />
      </div>
      <h3>${v("pin")}</h3>
      <p>${kept.pin ? v("pin_set") : v("pin_none")}</p>
      <form class="pin" @submit=${(event: Event) => (event.preventDefault(), void this.set({ pin: this.pin }).then(() => (this.pin = "")))}>
        <label>${v("pin_new")}<input class="field" type="password" inputmode="numeric" pattern="[0-9]{4,12}" maxlength="12" autocomplete="new-password" .value=${this.pin} @input=${(event: InputEvent) => (this.pin = (event.target as HTMLInputElement).value.replace(/\D/g, ""))} /></label>
        <button class="tonal" ?disabled=${this.pin.length < 4}>${v("pin_save")}</button>
        ${kept.pin ? html`<button type="button" class="tonal" @click=${() => void this.set({ pin: "" })}>${v("pin_remove")}</button>` : nothing}
      </form>`;
  }

  private async set(fields: Partial<Omit<Kept, "pin">> & { pin?: string }): Promise<void> {
    await this.asks(async () => {
      this.kept = await this.house.ask<Kept>("voicemail/set", fields);
    });
    this.requestUpdate();
  }

  private readonly record = async (): Promise<void> => {
    await this.asks(async () => {
      const track = await this.house.microphone.open();
      const recorder = new MediaRecorder(new MediaStream([track]));
      const parts: Blob[] = [];
      const end = setTimeout(() => recorder.state === "recording" && recorder.stop(), MOST_SECONDS * 1000);
      recorder.ondataavailable = ({ data }) => parts.push(data);
      recorder.onstop = () => {
        clearTimeout(end);
        track.stop();
        const wanted = this.recording !== null;
        this.recording = null;
        if (wanted) void this.send(new Blob(parts, { type: recorder.mimeType }));
      };
      recorder.start();
      this.recording = { recorder, since: Date.now() };
    });
  };

  private async upload(field: HTMLInputElement): Promise<void> {
    const [file] = field.files ?? [];
    field.value = "";
    if (file) await this.send(file);
  }

  private async send(sound: Blob | null): Promise<void> {
    if (sound && sound.size > MOST_GREETING) return this.house.say(v("too_large"), true);
    this.busy = true;
    await this.asks(async () => {
      await this.house.ask("voicemail/set_greeting", { data: sound && (await encoded(sound)) });
      this.greeting = sound && URL.createObjectURL(sound);
      this.house.say(sound ? v("greeting_kept") : v("greeting_gone"));
    });
    this.busy = false;
  }

  private async asks(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }
}
