/** Plays a message: from any place of it, and as often as one likes. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { length } from "../data/format";
import { t } from "../data/texts";
import { t as v } from "../data/voicemail-texts";
import { icon, mdiPause, mdiPlay } from "./icons";
import { shared } from "./style";

@customElement("pascom-message-player")
export class MessagePlayer extends LitElement {
  @property({ type: Number }) seconds = 0;
  /** The device that it is heard from, empty for the usual one. */
  @property() speaker = "";
  @property({ attribute: false }) fetch: () => Promise<string> = () => Promise.resolve("");
  @state() private url = "";
  @state() private at = 0;
  @state() private playing = false;
  @state() private problem = "";
  @query("audio") private readonly audio!: HTMLAudioElement | null;

  static override styles = [
    shared,
    css`
      :host { display: block; }
      .player { display: flex; align-items: center; gap: 8px; }
      .round { background: color-mix(in srgb, var(--accent) 16%, transparent); flex: none; }
      input { flex: 1; min-width: 60px; accent-color: var(--accent); min-height: 44px; }
      span { font-size: 14px; color: var(--faint); font-variant-numeric: tabular-nums; flex: none; }
    `,
  ];

  /** From where it stands. */
  async play(): Promise<void> {
    this.problem = "";
    try {
      this.url ||= await this.fetch();
      await this.updateComplete;
      const { audio } = this;
      if (!audio) return;
      if (this.speaker && "setSinkId" in audio) await audio.setSinkId(this.speaker).catch(() => undefined);
      await audio.play();
      this.dispatchEvent(new CustomEvent("played"));
    } catch (error) {
      this.problem = (error as { message?: string }).message || v("cannot_play");
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.audio?.pause();
  }

  protected override render(): TemplateResult {
    const whole = this.audio && Number.isFinite(this.audio.duration) ? this.audio.duration : this.seconds;
    const word = this.playing ? v("pause") : t("play");
    return html`<div class="player">
        <button class="round" aria-label=${word} title=${word} @click=${() => (this.playing ? this.audio?.pause() : void this.play())}>${icon(this.playing ? mdiPause : mdiPlay)}</button>
        <input type="range" min="0" max=${whole} step="0.1" .value=${String(this.at)} aria-label=${v("position")} aria-valuetext=${`${length(this.at)} / ${length(whole)}`} @input=${(event: InputEvent) => void this.seek(Number((event.target as HTMLInputElement).value))} />
        <span>${length(this.at)} / ${length(whole)}</span>
      </div>
      ${this.problem ? html`<p class="trouble" role="alert">${this.problem}</p>` : ""}
      ${this.url
        ? html`<audio src=${this.url} preload="auto" @timeupdate=${() => (this.at = this.audio?.currentTime ?? 0)} @play=${() => (this.playing = true)} @pause=${() => (this.playing = false)}
            @ended=${() => ((this.at = 0), this.audio && (this.audio.currentTime = 0))} @durationchange=${() => this.requestUpdate()}></audio>`
        : ""}`;
  }

  private async seek(at: number): Promise<void> {
    this.at = at;
    this.url ||= await this.fetch().catch(() => "");
    await this.updateComplete;
    if (this.audio) this.audio.currentTime = at;
  }
}
