/** What one speaks in another window or at another phone, and the way to go on with it here. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { t } from "../data/call-texts";
import { canSpeak } from "../data/engine/sound";
import { length } from "../data/format";
import type { Call, Party } from "../data/wire";
import { face, faces } from "./avatar";
import { Part, Seconds } from "./element";
import { icon, mdiPhone } from "./icons";
import { shared } from "./style";

@customElement("pascom-elsewhere-bar")
export class ElsewhereBar extends Part {
  /** The name of this page as a phone. */
  @property() device = "";
  private readonly seconds = new Seconds(this);

  static override styles = [
    shared,
    faces,
    css`
      :host { display: block; }
      .bar { display: flex; align-items: center; gap: 12px; padding: 6px 8px 6px 12px; background: color-mix(in srgb, var(--green) 14%, var(--card)); border-block-end: 1px solid var(--line); }
      .who { flex: 1; min-width: 0; }
      .name, .more { display: block; }
      .more { font-variant-numeric: tabular-nums; }
      button { flex: none; }
    `,
  ];

  protected override render(): TemplateResult | typeof nothing {
    const { store, engine } = this.house;
    const here = (call: Call): boolean => engine.live.some((line) => line.call === call.id);
    const calls = (store.snapshot?.calls ?? []).filter((call) => call.state === "up" && this.mine(call) && !here(call));
    this.seconds.run(calls.length > 0);
    if (!calls.length) return nothing;
    return html`${calls.map((call) => this.bar(call))}`;
  }

  /** One's own place in a call, at a device that is not this page. */
  private mine(call: Call): Party | undefined {
    const { user } = this.house.store.me;
    return call.parties.find((party) => user !== "" && party.user === user && party.state !== "ringing" && party.device !== `browser:${this.device}`);
  }

  private bar(call: Call): TemplateResult {
    const { store, engine } = this.house;
    const { user } = store.me;
    const other = call.parties.find((party) => party.user !== user || !user);
    const number = other?.number ?? call.number;
    const name = other?.name || store.nameOfNumber(number) || number;
    const where = this.mine(call)?.device.startsWith("browser:") ? t("runs_in_window") : t("runs_at_phone");
    const time = call.answered ? ` · ${length((Date.now() - Date.parse(call.answered)) / 1000)}` : "";
    return html`<div class="bar" role="region" aria-label=${where}>
      ${face(name, { picture: store.pictureOf(number), size: "slim" })}
      <div class="who"><span class="name" title=${name}>${name}</span><span class="more">${where}${time}</span></div>
      ${canSpeak() ? html`<button class="green" @click=${() => void engine.takeOver(call.id, number, name)}>${icon(mdiPhone)}${t("continue_here")}</button>` : nothing}
    </div>`;
  }
}
