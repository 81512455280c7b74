/** How the panel looks, what it speaks, where it begins, and who dials links. */

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { icon, mdiLink } from "../../components/icons";
import { LINKS } from "../../data/choices";
import { t as s } from "../../data/settings-texts";
import { handlerUrl } from "../../data/tel";
import { t } from "../../data/texts";
import { Section } from "./section";

const AREAS = ["contacts", "phone", "journal", "phonebook", "search"] as const;
const LANGUAGES = [["de", "Deutsch"], ["bar", "Boarisch"], ["en", "English"], ["fr", "Français"], ["nl", "Nederlands"], ["sr", "Српски"]] as const;

@customElement("pascom-settings-display")
export class DisplaySettings extends Section {
  protected override render(): TemplateResult {
    const { choices } = this.house;
    return html`<section class="card" aria-label=${t("display")}><h2>${t("display")}</h2>
        ${this.pick(s("language"), choices.language, [["", s("language_of_home")], ...LANGUAGES], (language) => this.house.choose({ language }))}
        ${this.pick(t("first_area"), choices.area, AREAS.map((area) => [area, t(area)] as const), (area) => this.house.choose({ area }))}
        ${this.toggle(t("narrow_rows"), choices.narrow, (narrow) => this.house.choose({ narrow }))}
        <span class="about">${s("colours_follow")}</span>
      </section>
      <section class="card" style="margin-top:16px" aria-label=${s("links")}><h2>${s("links")}</h2>
        ${this.pick(s("links_here"), choices.links, LINKS.map((links) => [links, s(`links_${links}`)] as const), (links) => this.house.choose({ links }))}
        ${"registerProtocolHandler" in navigator && globalThis.isSecureContext ? html`<p class="about">${s("links_everywhere_about")}</p><div class="does"><button class="tonal" @click=${this.register}>${icon(mdiLink)}${s("links_everywhere")}</button></div>` : nothing}
      </section>`;
  }

  private readonly register = (): void => {
    try {
      navigator.registerProtocolHandler("tel", handlerUrl(location.origin));
      this.house.say(s("links_asked"));
    } catch {
      this.house.say(s("links_refused"), true);
    }
  };
}
