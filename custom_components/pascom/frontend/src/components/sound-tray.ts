/** Microphone and speaker while one talks: which ones, and whether the microphone hears anything. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { t as ct } from "../data/call-texts";
import { listenToLevel } from "../data/engine/level";
import { t } from "../data/texts";
import { Part } from "./element";
import { shared } from "./style";

@customElement("pascom-sound-tray")
export class SoundTray extends Part {
  @property({ attribute: false }) track: MediaStreamTrack | null = null;
  @state() private devices: MediaDeviceInfo[] = [];
  @state() private level = 0;
  private deafen: () => void = () => undefined;

  static override styles = [
    shared,
    css`
      :host { display: grid; gap: 12px; }
      .meter { height: 12px; border-radius: 6px; background: color-mix(in srgb, var(--text) 10%, transparent); overflow: hidden; }
      .meter > div { height: 100%; background: var(--good); transition: width 0.08s linear; }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    navigator.mediaDevices?.addEventListener?.("devicechange", this.look);
    void this.look();
    this.listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.look);
    this.deafen();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("track")) this.listen();
  }

  protected override render(): TemplateResult {
    const { choices } = this.house;
    const percent = Math.round(this.level * 100);
    return html`${this.select(t("microphone"), "audioinput", choices.microphone, (microphone) => this.house.choose({ microphone }))}
      <div class="meter" role="meter" aria-label=${ct("level")} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}><div style="width:${percent}%"></div></div>
      ${"setSinkId" in HTMLMediaElement.prototype ? this.select(t("speaker"), "audiooutput", choices.speaker, (speaker) => this.house.choose({ speaker })) : nothing}`;
  }

  private select(label: string, kind: MediaDeviceKind, value: string, choose: (id: string) => void): TemplateResult {
    const devices = this.devices.filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default");
    return html`<label>${label}<select class="field" @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${!value}>${t("default_device")}</option>
      ${devices.map((device, index) => html`<option value=${device.deviceId} ?selected=${device.deviceId === value}>${device.label || `${label} ${index + 1}`}</option>`)}
    </select></label>`;
  }

  private listen(): void {
    this.deafen();
    this.deafen = this.track && this.isConnected ? listenToLevel(this.track, (level) => (this.level = level)) : () => undefined;
  }

  private readonly look = async (): Promise<void> => {
    this.devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  };
}
