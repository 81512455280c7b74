/** What this browser uses and how it rings, how one is reached, and what one looks like. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { Part } from "../components/element";
import { icon, mdiChevronRight } from "../components/icons";
import { Place } from "../components/place";
import { shared } from "../components/style";
import { troubleText } from "../components/trouble";
import { canSpeak } from "../data/engine/sound";
import { t } from "../data/texts";
import { mdiTools } from "./admin/icons";
import "./settings/display";
import "./settings/face";
import "./settings/reach";
import "./settings/ringing";
import "./settings/shortcuts";
import "./settings/sound";

@customElement("pascom-settings")
export class Settings extends Part {
  static override styles = [
    shared,
    css`
      :host { display: block; overflow-y: auto; container-type: inline-size; }
      .all { padding: 16px; max-width: 640px; margin-inline: auto; }
      .all > * { margin-block-end: 16px; }
      @container (min-width: 760px) {
        .all { columns: 2; column-gap: 16px; max-width: 1200px; }
      }
      .notice { margin-block-start: 0; column-span: all; }
      .admin { display: grid; grid-template-columns: auto 1fr auto; text-align: start; justify-items: start; width: 100%; gap: 16px; padding: 16px; break-inside: avoid; }
      .admin small { display: block; font-size: 14px; color: var(--faint); }
      .admin > .icon:last-child { color: var(--faint); }
      :host(:dir(rtl)) .admin > .icon:last-child { transform: scaleX(-1); }
      .about { color: var(--faint); font-size: 14px; text-align: center; column-span: all; }
    `,
  ];

  private readonly place = new Place("settings");

  protected override firstUpdated(): void {
    this.place.find(this);
  }

  protected override render(): TemplateResult {
    const { house } = this;
    const { snapshot, me } = house.store;
    return html`<div class="all">
      ${canSpeak() ? nothing : html`<p class="notice" role="status">${troubleText("insecure")}</p>`}
      <pascom-settings-face .house=${house}></pascom-settings-face>
      ${me.admin ? html`<button class="admin card" @click=${() => this.dispatchEvent(new CustomEvent("show", { detail: { admin: "" }, bubbles: true, composed: true }))}>
        ${icon(mdiTools)}<span>${t("administration")}<small>${t("administration_about")}</small></span>${icon(mdiChevronRight)}</button>` : nothing}
      <pascom-settings-ringing .house=${house}></pascom-settings-ringing>
      <pascom-settings-sound .house=${house}></pascom-settings-sound>
      ${me.linked ? html`<pascom-settings-reach .house=${house}></pascom-settings-reach>` : nothing}
      <pascom-settings-shortcuts .house=${house}></pascom-settings-shortcuts>
      <pascom-settings-display .house=${house}></pascom-settings-display>
      ${snapshot ? html`<p class="about">${snapshot.name} · pascom ${snapshot.version}</p>` : nothing}
    </div>`;
  }
}
