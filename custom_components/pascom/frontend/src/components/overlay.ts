/** What rings, over everything: a door takes the screen with its picture, a call says who.  It belongs to the page, not to a panel. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { Announcer } from "../data/announcer";
import { t as ct } from "../data/call-texts";
import type { Line } from "../data/engine/engine";
import { canSpeak } from "../data/engine/sound";
import type { House } from "../data/house";
import { t as et } from "../data/everywhere-texts";
import { t } from "../data/texts";
import { face, faces } from "./avatar";
import "./call-bar";
import "./door-view";
import { Part } from "./element";
import { icon, mdiBellOff, mdiChevronLeft, mdiEarHearing, mdiPhone, mdiPhoneHangup } from "./icons";
import { lineName, lineState } from "./line-text";
import { shared } from "./style";
import { troubleText } from "./trouble";

@customElement("pascom-overlay")
export class Overlay extends Part {
  /** Whether a panel is on the screen, which shows calls itself. */
  panels = 0;
  /** The door that took the screen, until one leaves it. */
  private door = "";
  private readonly announcer = new Announcer({
    name: (line) => lineName(this.house, line),
    how: (line) => lineState(this.house, line),
    door: (door) => this.house.store.nameOf(door),
  });

  static override styles = [
    shared,
    faces,
    css`
      /* Home Assistant turns its own element, and this stands beside it. */
      :host(:dir(rtl)) { direction: rtl; }
      dialog { border: 0; padding: 0; margin: auto; color: var(--text); background: var(--card); border-radius: 24px; max-width: min(420px, calc(100vw - 32px)); width: 100%; box-shadow: 0 8px 40px rgba(0, 0, 0, 0.4); }
      dialog::backdrop { background: rgba(0, 0, 0, 0.6); backdrop-filter: blur(4px); }
      dialog.door { width: 100vw; height: 100dvh; padding: 0 var(--safe-area-inset-right, env(safe-area-inset-right)) 0 var(--safe-area-inset-left, env(safe-area-inset-left)); max-width: none; max-height: none; border-radius: 0; background: #101418; color: #fff; }
      dialog.door { --primary-text-color: #fff; --secondary-text-color: #c4c7c9; --card-background-color: #1c2126; --divider-color: rgba(255, 255, 255, 0.2); --error-color: #ff8a80; --text: #fff; --faint: #c4c7c9; --card: #1c2126; --line: rgba(255, 255, 255, 0.2); --bad: #ff8a80; color-scheme: dark; }
      dialog.door[open] { display: flex; flex-direction: column; }
      .top { display: flex; align-items: center; gap: 8px; padding: calc(8px + var(--safe-area-inset-top, env(safe-area-inset-top))) 12px 8px; }
      .top > div { flex: 1; min-width: 0; }
      .top .name { font-size: 20px; }
      pascom-door-view { flex: 1; width: 100%; max-width: 1100px; margin-inline: auto; }
      @media (max-height: 480px) {
        .top { padding-block: calc(2px + var(--safe-area-inset-top, env(safe-area-inset-top))) 2px; }
        pascom-door-view { max-width: none; }
      }
      .incoming { display: flex; flex-direction: column; gap: 20px; padding: 32px 24px 24px; }
      .caller { display: grid; justify-items: center; gap: 8px; min-width: 0; text-align: center; }
      .caller .name { font-size: 26px; line-height: 1.25; max-width: 100%; white-space: normal; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; }
      .waves { border-radius: 50%; margin: 20px; animation: waves 1.4s infinite; }
      .waves .face { width: 112px; height: 112px; font-size: 40px; }
      @keyframes waves { from { box-shadow: 0 0 0 0 color-mix(in srgb, var(--good) 55%, transparent); } to { box-shadow: 0 0 0 28px transparent; } }
      .does { display: grid; justify-items: center; gap: 16px; width: 100%; max-width: 420px; margin-inline: auto; }
      .choice { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px; width: 100%; }
      .choice > div { display: grid; justify-items: center; align-content: start; gap: 8px; font-size: 14px; line-height: 1.25; text-align: center; overflow-wrap: anywhere; }
      .choice button { width: 76px; height: 76px; border-radius: 50%; }
      .choice button.tonal { width: 60px; height: 60px; margin: 8px; padding: 0; }
      .choice .icon { width: 32px; height: 32px; }
      .choice .tonal .icon { width: 26px; height: 26px; }
      /* On a phone a call takes the screen, with the buttons where the thumb is. */
      @media (max-width: 599px), (max-height: 480px) {
        dialog.person { width: 100vw; height: 100dvh; max-width: none; max-height: none; border-radius: 0; }
        dialog.person[open] { display: flex; }
        .incoming { flex: 1; min-width: 0; padding: calc(32px + var(--safe-area-inset-top, env(safe-area-inset-top))) 20px calc(36px + var(--safe-area-inset-bottom, env(safe-area-inset-bottom))); justify-content: space-between; overflow-y: auto; }
        .caller { margin-block: auto; }
      }
      @media (max-height: 480px) and (min-width: 480px) {
        .incoming { flex-direction: row; align-items: center; padding: 12px calc(24px + var(--safe-area-inset-right, env(safe-area-inset-right))) 12px calc(24px + var(--safe-area-inset-left, env(safe-area-inset-left))); }
        .caller, .does { flex: 1; }
      }
      .notices { position: fixed; inset-inline: 16px; inset-block-end: calc(76px + var(--safe-area-inset-bottom, env(safe-area-inset-bottom))); display: grid; justify-items: center; gap: 8px; z-index: 1000; pointer-events: none; margin: 0; border: 0; padding: 0; background: none; inset-block-start: auto; width: auto; overflow: visible; }
      .notices > div { background: #323232; color: #fff; border-radius: 24px; padding: 10px 20px; max-width: 480px; box-shadow: 0 2px 12px rgba(0, 0, 0, 0.4); overflow-wrap: anywhere; }
      .notices > .bad { background: #8e1b1b; }
      .offers { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 4px; margin-block-start: 4px; }
      .offers button { pointer-events: auto; color: #8ecbff; font-weight: 500; }
      .said { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
      /* A moment passes until a browser lets a page be heard. */
      .touch { animation: appear 0s 1s both; text-align: center; white-space: normal; }
      @keyframes appear { from { visibility: hidden; } }
      .bar { position: fixed; z-index: 999; inset-block-end: calc(16px + var(--safe-area-inset-bottom, env(safe-area-inset-bottom))); inset-inline: 16px; max-width: 420px; margin-inline: auto; border-radius: 28px; overflow: hidden; box-shadow: 0 4px 20px rgba(0, 0, 0, 0.4); }
    `,
  ];

  protected override render(): TemplateResult {
    const line = this.house.engine.ringing.find((each) => !each.door);
    return html`<dialog class=${this.door ? "door" : "person"} role="alertdialog" aria-labelledby="title" @cancel=${this.escape}>
        ${this.door ? this.atDoor() : line ? this.incoming(line) : nothing}
      </dialog>
      ${this.panels ? nothing : html`<div class="bar"><pascom-call-bar .house=${this.house} .calls=${!this.house.isShown("calls")} .shown=${this.shownDoor} @show=${this.show}></pascom-call-bar></div>`}
      <div class="said" role="log" aria-live="assertive">${this.announcer.look(this.house.engine.lines, this.house.doors.lines)}</div>
      <div class="notices" role="status" popover="manual">
        ${this.house.notices.map(({ bad, text, offers }) => html`<div class=${bad ? "bad" : ""}>${text}${offers
          ? html`<div class="offers">${offers.map(({ text, take }) => html`<button @click=${take}>${text}</button>`)}</div>` : nothing}</div>`)}
      </div>`;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    const { doors, choices } = this.house;
    if (doors.ringing && choices.rings) this.door = doors.ringing.door;
    else if (this.door && doors.line(this.door)?.view !== "talking") this.door = "";
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog === null) return;
    const wanted = Boolean(this.door || this.house.engine.ringing.some((line) => !line.door));
    if (wanted && !dialog.open) {
      dialog.showModal();
      (this.renderRoot.querySelector<HTMLElement>("[data-first]") ?? dialog).focus();
    } else if (!wanted && dialog.open) dialog.close();
    // A popover is above the dialog, wherever that is.
    const notices = this.renderRoot.querySelector<HTMLElement>(".notices");
    if (notices?.isConnected && "showPopover" in notices) {
      const shown = notices.matches(":popover-open");
      if (this.house.notices.length && !shown) notices.showPopover();
      else if (!this.house.notices.length && shown) notices.hidePopover();
    }
  }

  private incoming(line: Line): TemplateResult {
    const { engine } = this.house;
    const name = lineName(this.house, line);
    const talks = engine.live.some((each) => each !== line && each.phase === "talking" && !each.held);
    return html`<div class="incoming">
      <div class="caller"><span class="more">${t("incoming_call")}</span>
        <span class="waves">${face(name, { picture: this.house.store.pictureOf(line.number), size: "large" })}</span>
        <span class="name" id="title" title=${name}>${name}</span>
        ${line.number && line.number !== name ? html`<span class="more" dir="ltr">${line.number}</span>` : nothing}
        ${line.trouble || !canSpeak() ? html`<p class="trouble" role="alert">${troubleText(line.trouble ?? "insecure")}</p>` : nothing}
        ${line.problem ? html`<p class="trouble" role="alert">${line.problem}</p>` : nothing}
        ${this.touch()}
      </div>
      <div class="does">
        ${line.trouble || !canSpeak() ? html`<button class="tonal" @click=${() => void engine.answer(line, true)}>${icon(mdiEarHearing)}${ct("answer_listening")}</button>` : nothing}
        <div class="choice">
          <div><button class="red" aria-label=${t("decline")} @click=${() => engine.hangUp(line)}>${icon(mdiPhoneHangup)}</button><span aria-hidden="true">${t("decline")}</span></div>
          <div><button aria-label=${t("silence")} class="tonal" @click=${() => this.house.engine.silence()}>${icon(mdiBellOff)}</button><span aria-hidden="true">${t("silence")}</span></div>
          <div><button class="green" data-first aria-label=${t("answer")} ?disabled=${!canSpeak()} @click=${() => void engine.answer(line)}>${icon(mdiPhone)}</button><span aria-hidden="true">${talks ? t("hold_and_answer") : t("answer")}</span></div>
        </div>
      </div>
    </div>`;
  }

  private atDoor(): TemplateResult {
    const line = this.house.doors.line(this.door);
    const name = this.house.store.nameOf(this.door);
    return html`<div class="top">
        <button class="round" aria-label=${t("back")} title=${t("back")} @click=${this.leave}>${icon(mdiChevronLeft)}</button>
        <div><div class="name" id="title">${name}</div>
          <div class="more">${line?.ring ? `${t("somebody_rings")}${line.button ? ` · ${line.button}` : ""}` : ""}</div>${this.touch()}</div>
        ${line?.ring ? html`<button class="round" aria-label=${t("silence")} title=${t("silence")} @click=${() => this.house.engine.silence()}>${icon(mdiBellOff)}</button>` : nothing}
      </div>
      <pascom-door-view ringing .house=${this.house} .door=${this.door}></pascom-door-view>`;
  }

  private touch(): TemplateResult | typeof nothing {
    return this.house.ringer.muted ? html`<span class="more touch">${et("touch_to_hear")}</span>` : nothing;
  }

  /** Escape is no answer: it makes quiet. */
  private readonly escape = (event: Event): void => {
    event.preventDefault();
    this.house.engine.silence();
  };

  /** The door one talks at, where something else on the page shows it. */
  private get shownDoor(): string {
    const door = this.house.doors.talking?.door ?? "";
    return this.house.isShown(`door:${door}`) ? door : "";
  }

  /** Who talks goes on talking, in the bar; what rings is declined here. */
  private readonly leave = (): void => {
    const door = this.door;
    this.door = "";
    if (this.house.doors.line(door)?.view !== "talking") this.house.declineDoor(door);
    this.requestUpdate();
  };

  private readonly show = ({ detail }: CustomEvent<{ door?: string }>): void => {
    if (detail.door) this.door = detail.door;
    else {
      history.pushState(null, "", "/pascom/phone");
      dispatchEvent(new CustomEvent("location-changed"));
    }
    this.requestUpdate();
  };
}

let overlay: Overlay | null = null;

/** The one of this page, made when a house is there. */
export function overlayOf(house: House): Overlay {
  if (overlay === null) {
    overlay = document.createElement("pascom-overlay") as Overlay;
    overlay.house = house;
    document.body.append(overlay);
  }
  return overlay;
}
