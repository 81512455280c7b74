/** Microphone, speaker and camera of this browser, with a test of each. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { icon, mdiCamera, mdiMicrophone, mdiStop, mdiVolumeHigh } from "../../components/icons";
import { shared } from "../../components/style";
import { troubleText } from "../../components/trouble";
import { canSpeak, Troubled, type Trouble } from "../../data/engine/sound";
import { t as s } from "../../data/settings-texts";
import { t } from "../../data/texts";
import { cards, Section } from "./section";

const TEST_SECONDS = 15;

@customElement("pascom-settings-sound")
export class SoundSettings extends Section {
  @state() private devices: MediaDeviceInfo[] = [];
  @state() private level = -1;
  @state() private trouble: Trouble | null = null;
  @state() private film: MediaStream | null = null;
  private stopTest: () => void = () => undefined;

  static override styles = [
    shared,
    cards,
    css`
      .meter { height: 12px; border-radius: 6px; background: var(--soft); overflow: hidden; }
      .meter > div { height: 100%; background: var(--good); transition: width 0.08s linear; }
      video { width: 100%; max-width: 320px; aspect-ratio: 4 / 3; object-fit: cover; border-radius: var(--radius); background: #101418; transform: scaleX(-1); }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    navigator.mediaDevices?.addEventListener?.("devicechange", this.look);
    void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.look);
    this.stopTest();
    this.dark();
  }

  protected override render(): TemplateResult {
    const { choices, ringer } = this.house;
    return html`<section class="card" aria-label=${s("sound_and_camera")}><h2>${s("sound_and_camera")}</h2>
      ${this.device(t("microphone"), "audioinput", choices.microphone, (microphone) => this.house.choose({ microphone }))}
      ${this.level >= 0
        ? html`<div class="meter" role="meter" aria-label=${t("microphone")} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(this.level * 100)}><div style="width:${this.level * 100}%"></div></div>
            <span class="about">${t("test_running")}</span><button class="tonal" @click=${() => this.stopTest()}>${icon(mdiStop)}${t("test_stop")}</button>`
        : html`<button class="tonal" ?disabled=${!canSpeak()} @click=${this.test}>${icon(mdiMicrophone)}${t("test")}</button>`}
      ${"setSinkId" in HTMLMediaElement.prototype ? this.device(t("speaker"), "audiooutput", choices.speaker, (speaker) => this.house.choose({ speaker })) : nothing}
      <button class="tonal" @click=${() => ringer.try("door")}>${icon(mdiVolumeHigh)}${s("speaker_test")}</button>
      ${this.device(s("camera"), "videoinput", choices.camera, (camera) => {
        this.house.choose({ camera });
        if (this.film) void this.look_();
      })}
      ${this.film ? html`<video .srcObject=${this.film} autoplay playsinline .muted=${true} aria-label=${s("camera")}></video><button class="tonal" @click=${() => this.dark()}>${icon(mdiStop)}${t("test_stop")}</button>`
        : html`<button class="tonal" ?disabled=${!canSpeak()} @click=${() => void this.look_()}>${icon(mdiCamera)}${s("camera_test")}</button>`}
      ${this.trouble ? html`<p class="trouble" role="alert">${troubleText(this.trouble)}</p>` : nothing}
    </section>`;
  }

  private device(label: string, kind: MediaDeviceKind, value: string, choose: (id: string) => void): TemplateResult {
    const devices = this.devices.filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default");
    return this.pick(label, value, [["", t("default_device")], ...devices.map((device, index) => [device.deviceId, device.label || `${label} ${index + 1}`] as const)], choose);
  }

  private readonly look = async (): Promise<void> => {
    this.devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  };

  private async look_(): Promise<void> {
    this.dark();
    const { camera } = this.house.choices;
    try {
      this.film = await navigator.mediaDevices.getUserMedia({ video: camera ? { deviceId: { ideal: camera } } : true });
      void this.look();
    } catch {
      this.house.say(s("camera_none"), true);
    }
  }

  private dark(): void {
    for (const track of this.film?.getTracks() ?? []) track.stop();
    this.film = null;
  }

  /** Shows how loud the microphone is, and plays it back a moment later. */
  private readonly test = async (): Promise<void> => {
    this.trouble = null;
    try {
      const track = await this.house.microphone.open();
      void this.look();
      const context = new AudioContext();
      const { speaker } = this.house.choices;
      if (speaker && "setSinkId" in context) await (context as { setSinkId(id: string): Promise<void> }).setSinkId(speaker).catch(() => undefined);
      const source = context.createMediaStreamSource(new MediaStream([track]));
      const meter = new AnalyserNode(context, { fftSize: 1024 });
      source.connect(meter);
      source.connect(new DelayNode(context, { delayTime: 1.5, maxDelayTime: 2 })).connect(context.destination);
      const samples = new Float32Array(meter.fftSize);
      const timer = setInterval(() => {
        meter.getFloatTimeDomainData(samples);
        const loud = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
        this.level = Math.min(1, Math.max(0, (20 * Math.log10(loud + 1e-6) + 60) / 60));
      }, 80);
      const end = setTimeout(() => this.stopTest(), TEST_SECONDS * 1000);
      this.stopTest = () => {
        clearInterval(timer);
        clearTimeout(end);
        track.stop();
        void context.close();
        this.level = -1;
        this.stopTest = () => undefined;
      };
      this.level = 0;
    } catch (error) {
      this.trouble = error instanceof Troubled ? error.trouble : "taken";
    }
  };
}
