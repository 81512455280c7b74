/** The running call, small, while one looks at something else. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { length } from "../data/format";
import { t } from "../data/texts";
import { face, faces } from "./avatar";
import { Part, Seconds } from "./element";
import { icon, mdiDoorClosed, mdiMicrophone, mdiMicrophoneOff, mdiPause, mdiPhoneHangup, mdiPlay } from "./icons";
import { lineName, lineState } from "./line-text";
import { shared } from "./style";

@customElement("pascom-call-bar")
export class CallBar extends Part {
  /** The door that is shown anyway. */
  @property() shown = "";
  @property({ type: Boolean }) calls = true;
  private readonly seconds = new Seconds(this);

  static override styles = [
    shared,
    faces,
    css`
      :host { display: block; }
      .bar { display: flex; align-items: center; gap: 10px; padding: 6px 8px 6px 12px; background: var(--green); color: #fff; }
      .bar.held { background: #5d4037; }
      .bar.ended { background: #455a64; }
      .to { flex: 1; min-width: 0; justify-content: flex-start; padding: 0; border-radius: 8px; gap: 12px; }
      .to > span:last-child { min-width: 0; text-align: start; }
      .name, .more { display: block; color: inherit; }
      .more { font-variant-numeric: tabular-nums; opacity: 0.9; }
      .round { background: rgba(255, 255, 255, 0.18); }
      .round.red { background: var(--red); }
    `,
  ];

  protected override render(): TemplateResult | typeof nothing {
    const { engine, doors } = this.house;
    const line = this.calls ? (engine.current ?? engine.over) : undefined;
    const door = doors.talking;
    const talksAtDoor = door && door.door !== this.shown ? door : undefined;
    this.seconds.run(Boolean(line ?? talksAtDoor));
    if (talksAtDoor) {
      const name = this.house.store.nameOf(talksAtDoor.door);
      return html`<div class="bar" role="region" aria-label=${t("running_call")}>
        ${this.goes(name, `${t("talking")} ${length((Date.now() - talksAtDoor.since) / 1000)}`, mdiDoorClosed, { door: talksAtDoor.door })}
        ${talksAtDoor.app ? nothing : this.round(talksAtDoor.muted ? mdiMicrophoneOff : mdiMicrophone, talksAtDoor.muted ? t("unmute") : t("mute"), () => doors.mute(talksAtDoor))}
        ${this.round(mdiPhoneHangup, t("hang_up"), () => void doors.end(talksAtDoor.door), "red")}
      </div>`;
    }
    if (line === undefined) return nothing;
    return html`<div class="bar ${line.phase === "ended" ? "ended" : line.held ? "held" : ""}" role="region" aria-label=${t("running_call")}>
      ${this.goes(lineName(this.house, line), lineState(this.house, line), "", {}, this.house.store.pictureOf(line.number))}
      ${line.phase === "talking"
        ? html`${this.round(line.muted ? mdiMicrophoneOff : mdiMicrophone, line.muted ? t("unmute") : t("mute"), () => engine.mute(line))}
            ${this.round(line.held ? mdiPlay : mdiPause, line.held ? t("resume") : t("hold"), () => void engine.hold(line))}`
        : nothing}
      ${line.phase === "ended" ? nothing : this.round(mdiPhoneHangup, t("hang_up"), () => engine.hangUp(line), "red")}
    </div>`;
  }

  private goes(name: string, text: string, symbol: string, detail: object, picture = ""): TemplateResult {
    return html`<button class="to" @click=${() => this.dispatchEvent(new CustomEvent("show", { detail, bubbles: true, composed: true }))}>
      ${face(name, { size: "slim", symbol, picture })}<span><span class="name">${name}</span><span class="more">${text}</span></span>
    </button>`;
  }

  private round(path: string, text: string, work: () => void, kind = ""): TemplateResult {
    return html`<button class="round ${kind}" aria-label=${text} title=${text} @click=${work}>${icon(path)}</button>`;
  }
}
