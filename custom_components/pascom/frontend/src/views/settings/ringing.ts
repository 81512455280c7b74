/** How this browser rings, and what else tells of calls. */

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { icon, mdiPlay } from "../../components/icons";
import type { Chime, Choices } from "../../data/choices";
import { noticesHere } from "../../data/hidden";
import { t as s } from "../../data/settings-texts";
import { t } from "../../data/texts";
import { Section } from "./section";

const CHIMES: readonly Chime[] = ["classic", "soft", "modern", "door"];
const TONES = [["doorTone", "tone_of_doors"], ["tone", "tone_of_calls"], ["teamTone", "tone_of_teams"]] as const;
const KINDS = ["door", "call", "missed", "voicemail", "critical"] as const;

@customElement("pascom-settings-ringing")
export class RingingSettings extends Section {
  protected override arrived(): void {
    void this.house.preferred.load();
  }

  protected override render(): TemplateResult {
    const { choices, ringer, preferred } = this.house;
    const permission = noticesHere();
    return html`<section class="card" aria-label=${t("ringing")}><h2>${t("ringing")}</h2>
        ${this.toggle(t("rings_here"), choices.rings, (rings) => this.house.choose({ rings }), t("rings_here_about"))}
        ${TONES.map(([key, label]) => html`<div class="beside">${this.pick(s(label), choices[key], CHIMES.map((tone) => [tone, tone === "door" ? s("tone_chime") : t(`tone_${tone}`)] as const), (tone) => this.house.choose({ [key]: tone } as Partial<Choices>))}
          <button class="round" aria-label="${t("play")}: ${s(label)}" title=${t("play")} @click=${() => ringer.try(choices[key])}>${icon(mdiPlay)}</button></div>`)}
        <label>${t("volume")}<input type="range" min="0" max="1" step="0.05" .value=${String(choices.volume)} @change=${(event: Event) => this.house.choose({ volume: Number((event.target as HTMLInputElement).value) })} /></label>
      </section>
      <section class="card" style="margin-top:16px" aria-label=${s("notifications")}><h2>${s("notifications")}</h2>
        ${permission === "never" ? nothing : this.toggle(s("notify_here"), choices.notifies && permission === "granted", (on) => void this.notify(on), permission === "denied" ? s("notify_denied") : s("notify_here_about"), permission === "denied")}
        <h3>${s("on_phones")}</h3><p class="about">${s("on_phones_about")}</p>
        ${KINDS.map((kind) => this.toggle(s(`notify_${kind}`), preferred.value.notifications[kind], (on) => void this.asks(() => preferred.change({ notifications: { [kind]: on } })), kind === "critical" ? s("notify_critical_about") : ""))}
      </section>`;
  }

  private async notify(on: boolean): Promise<void> {
    if (on && Notification.permission === "default") await Notification.requestPermission();
    this.house.choose({ notifies: on });
    this.requestUpdate();
  }
}
