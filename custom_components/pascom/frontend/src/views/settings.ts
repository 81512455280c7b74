/** What this browser uses and how it rings. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Part } from "../components/element";
import { icon, mdiMicrophone, mdiPlay } from "../components/icons";
import { shared } from "../components/style";
import { troubleText } from "../components/trouble";
import type { Choices } from "../data/choices";
import { canSpeak, Troubled, type Trouble } from "../data/engine/sound";
import { t } from "../data/texts";
import { mdiTools } from "./admin/icons";

const TONES = ["classic", "soft", "modern"] as const;
const AREAS = ["contacts", "phone", "journal", "phonebook", "search"] as const;
const TEST_SECONDS = 15;

@customElement("pascom-settings")
export class Settings extends Part {
  @state() private devices: MediaDeviceInfo[] = [];
  @state() private level = -1;
  @state() private trouble: Trouble | null = null;
  private stopTest: () => void = () => undefined;

  static override styles = [
    shared,
    css`
      :host { display: block; overflow-y: auto; }
      .all { display: grid; gap: 16px; padding: 16px; max-width: 640px; margin-inline: auto; }
      .card { background: var(--card); border-radius: var(--radius); border: 1px solid var(--line); padding: 16px; display: grid; gap: 14px; }
      h2 { margin: 0; font-size: 18px; font-weight: 500; }
      label { display: grid; gap: 4px; font-size: 14px; color: var(--faint); }
      label > * { font-size: 16px; color: var(--text); }
      .switch { grid-template-columns: 1fr auto; align-items: center; min-height: 44px; cursor: pointer; }
      .switch span { font-size: 16px; color: var(--text); }
      .switch small { grid-column: 1; font-size: 14px; color: var(--faint); }
      .switch input { grid-row: 1 / span 2; grid-column: 2; width: 24px; height: 24px; accent-color: var(--accent); margin: 10px; }
      input[type="range"] { width: 100%; accent-color: var(--accent); min-height: 44px; }
      .meter { height: 12px; border-radius: 6px; background: var(--soft); overflow: hidden; }
      .meter > div { height: 100%; background: var(--good); transition: width 0.08s linear; }
      .tone { display: flex; gap: 8px; align-items: end; }
      .tone label { flex: 1; }
      .admin { grid-template-columns: auto 1fr; text-align: start; justify-items: start; width: 100%; gap: 16px; }
      .admin small { display: block; font-size: 14px; color: var(--faint); }
      .about { color: var(--faint); font-size: 14px; text-align: center; }
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
  }

  protected override render(): TemplateResult {
    const { choices, store, ringer } = this.house;
    const choose = (changes: Partial<Choices>): void => this.house.choose(changes);
    return html`<div class="all">
      ${canSpeak() ? nothing : html`<p class="notice" role="status">${troubleText("insecure")}</p>`}
      ${store.me.admin ? html`<button class="card admin" @click=${() => this.dispatchEvent(new CustomEvent("show", { detail: { admin: "" }, bubbles: true, composed: true }))}>
          ${icon(mdiTools)}<span>${t("administration")}<small>${t("administration_about")}</small></span></button>` : nothing}
      <section class="card"><h2>${t("sound")}</h2>
        ${this.select(t("microphone"), "audioinput", choices.microphone, (microphone) => choose({ microphone }))}
        ${"setSinkId" in HTMLMediaElement.prototype ? this.select(t("speaker"), "audiooutput", choices.speaker, (speaker) => choose({ speaker })) : nothing}
        ${this.level >= 0
          ? html`<div class="meter" role="meter" aria-label=${t("microphone")} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(this.level * 100)}><div style="width:${this.level * 100}%"></div></div>
              <span class="more" style="white-space:normal">${t("test_running")}</span><button class="tonal" @click=${() => this.stopTest()}>${t("test_stop")}</button>`
          : html`<button class="tonal" ?disabled=${!canSpeak()} @click=${this.test}>${icon(mdiMicrophone)}${t("test")}</button>`}
        ${this.trouble ? html`<p class="trouble" role="alert">${troubleText(this.trouble)}</p>` : nothing}
      </section>
      <section class="card"><h2>${t("ringing")}</h2>
        <label class="switch"><span>${t("rings_here")}</span><small>${t("rings_here_about")}</small>
          <input type="checkbox" .checked=${choices.rings} @change=${(event: Event) => choose({ rings: (event.target as HTMLInputElement).checked })} /></label>
        <div class="tone"><label>${t("ring_tone")}
            <select class="field" @change=${(event: Event) => choose({ tone: (event.target as HTMLSelectElement).value as Choices["tone"] })}>
              ${TONES.map((tone) => html`<option value=${tone} ?selected=${tone === choices.tone}>${t(`tone_${tone}`)}</option>`)}
            </select></label>
          <button class="round" aria-label=${t("play")} title=${t("play")} @click=${() => ringer.try(choices.tone)}>${icon(mdiPlay)}</button></div>
        <label>${t("volume")}<input type="range" min="0" max="1" step="0.05" .value=${String(choices.volume)} @change=${(event: Event) => choose({ volume: Number((event.target as HTMLInputElement).value) })} /></label>
      </section>
      <section class="card"><h2>${t("display")}</h2>
        <label class="switch"><span>${t("narrow_rows")}</span><input type="checkbox" .checked=${choices.narrow} @change=${(event: Event) => choose({ narrow: (event.target as HTMLInputElement).checked })} /></label>
        <label>${t("first_area")}<select class="field" @change=${(event: Event) => choose({ area: (event.target as HTMLSelectElement).value })}>
          ${AREAS.map((area) => html`<option value=${area} ?selected=${area === choices.area}>${t(area)}</option>`)}</select></label>
        <span class="more" style="white-space:normal">${t("language_follows")}</span>
      </section>
      ${store.snapshot ? html`<p class="about">${store.snapshot.name} · pascom ${store.snapshot.version}</p>` : nothing}
    </div>`;
  }

  private select(label: string, kind: MediaDeviceKind, value: string, choose: (id: string) => void): TemplateResult {
    const devices = this.devices.filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default");
    return html`<label>${label}<select class="field" @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${!value}>${t("default_device")}</option>
      ${devices.map((device, index) => html`<option value=${device.deviceId} ?selected=${device.deviceId === value}>${device.label || `${label} ${index + 1}`}</option>`)}
    </select></label>`;
  }

  private readonly look = async (): Promise<void> => {
    this.devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  };

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
