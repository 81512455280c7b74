/** Whether a door works, seen live: it is connected, shows its picture, rings and opens. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import "../../components/door-view";
import { icon, mdiCheck } from "../../components/icons";
import { shared } from "../../components/style";
import { t } from "../../data/admin/texts";
import { Page, pages } from "./page";

@customElement("pascom-admin-door-test")
export class DoorTest extends Page {
  @state() private rang = false;
  @state() private opened = false;
  @state() private pictured = false;

  static override styles = [
    shared,
    pages,
    css`
      :host { container-type: inline-size; }
      .two { display: grid; gap: 8px 24px; grid-template-columns: minmax(0, 1fr); }
      @container (min-width: 640px) { .two:has(pascom-door-view) { grid-template-columns: minmax(220px, 2fr) minmax(0, 3fr); } }
      ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 4px; align-content: start; }
      li { display: grid; grid-template-columns: 32px 1fr; gap: 0 10px; align-items: start; padding: 8px 0; align-self: start; }
      li > .sign { width: 28px; height: 28px; border-radius: 50%; display: grid; place-items: center; background: var(--soft); color: var(--faint); font-weight: 500; font-size: 14px; }
      li.done > .sign { background: var(--green); color: #fff; }
      li .sign .icon { width: 20px; height: 20px; }
      li small { display: block; color: var(--faint); font-size: 14px; }
    `,
  ];

  protected override render(): TemplateResult {
    const { store, doors } = this.house;
    const door = store.door(this.name);
    const line = doors.line(this.name);
    const connected = door?.connected ?? false;
    this.rang ||= door?.state === "ringing";
    this.opened ||= Boolean(line?.opened);
    this.pictured ||= line?.view === "watching" || line?.view === "talking";
    return html`<section class="card"><h2>${t("test")}</h2>
      <div class="two"><ol>
        ${this.step(1, connected, t("test_connected"), connected ? t("test_connected_yes") : t("test_connected_no"))}
        ${door?.picture === false ? nothing : this.step(2, this.pictured, t("test_picture"), door || !connected ? t("test_picture_about") : t("test_not_yours"))}
        ${this.step(door?.picture === false ? 2 : 3, this.rang, t("test_ring"), t("test_ring_about"))}
        ${this.step(door?.picture === false ? 3 : 4, this.opened, t("test_open"), door?.opening === "none" ? t("test_open_none") : t("test_open_about"))}
      </ol>
      ${door && connected ? html`<pascom-door-view .house=${this.house} .door=${this.name}></pascom-door-view>` : nothing}</div>
    </section>`;
  }

  private step(number: number, done: boolean, what: string, about: string): TemplateResult {
    return html`<li class=${done ? "done" : ""}><span class="sign">${done ? icon(mdiCheck) : number}</span>
      <span>${what}${done ? html`<span class="hidden"> ${t("test_done")}</span>` : nothing}<small>${about}</small></span></li>`;
  }
}
