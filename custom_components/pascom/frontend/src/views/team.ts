/** A team: whether one takes its calls, who else does, and who waits for somebody. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import { Part, Seconds } from "../components/element";
import { icon, mdiAccountGroup, mdiPhone } from "../components/icons";
import { places, rows, shared } from "../components/style";
import { byDuty, colourOf, DUTIES, dutyOf, type Duty } from "../data/duty";
import { length } from "../data/format";
import { refusal } from "../data/link";
import { t as w } from "../data/team-texts";
import { t } from "../data/texts";
import type { Team, Waiting } from "../data/wire";

const MINE = { in: "i_take", paused: "i_rest", out: "i_left" } as const;
const THEIRS = { in: "takes", paused: "rests", out: "left" } as const;

@customElement("pascom-team")
export class TeamView extends Part {
  @property() team = "";
  private readonly seconds = new Seconds(this);

  static override styles = [
    shared,
    rows,
    places,
    faces,
    css`
      .facts { color: var(--faint); font-size: 14px; }
      .card { padding: 16px 4px 4px; }
      .card h2 { margin: 0 12px 8px; }
      .mine { padding: 16px; }
      .mine h2 { margin-inline: 0; }
      .does { display: flex; flex-wrap: wrap; gap: 8px; }
      .does button { padding: 0 16px 0 12px; }
      .does i { width: 12px; height: 12px; border-radius: 50%; background: var(--disabled-color, #9e9e9e); }
      .does .free i { background: var(--good); }
      .does .away i { background: var(--warn); }
      .choice { border: 1px solid var(--line); font-size: 14px; font-weight: 500; }
      .choice[aria-checked="true"] { background: var(--tint); border-color: transparent; }
      .nobody { margin: 0; padding: 4px 12px 16px; color: var(--faint); }
      time { color: var(--faint); font-size: 14px; font-variant-numeric: tabular-nums; padding-inline-end: 8px; }
    `,
  ];

  protected override render(): TemplateResult {
    const team = this.house.store.snapshot?.teams.find((each) => each.name === this.team);
    if (team === undefined) return html`<p class="empty">${w("gone")}</p>`;
    const waiting = team.waiting ?? [];
    this.seconds.run(waiting.length > 0);
    const { me } = this.house.store;
    const mine = team.members.includes(me.user);
    return html`<div class="all">
      <div class="head"><h1>${team.display_name}</h1><span class="facts">${t("extension")} ${team.extension}</span></div>
      <div class="does"><button class="filled" @click=${() => void this.house.dial(team.extension, team.display_name)}>${icon(mdiPhone)}${w("call")}</button></div>
      ${mine ? this.mine(team, me.user) : nothing}
      ${mine || me.admin
        ? html`<section class="card" aria-label=${w("waiting")}><h2>${w("waiting")}</h2>
            ${waiting.length ? waiting.map((one) => this.waits(one)) : html`<p class="nobody">${w("waiting_none")}</p>`}</section>`
        : nothing}
      <section class="card" aria-label=${w("members")}><h2>${w("members")}</h2>
        ${team.members.length ? byDuty(team).map((user) => this.member(team, user)) : html`<div class="empty">${icon(mdiAccountGroup)}<p>${t("nobody_yet")}</p></div>`}</section>
    </div>`;
  }

  private mine(team: Team, user: string): TemplateResult {
    const now = dutyOf(team, user);
    return html`<section class="card mine"><h2 id="part">${w("your_part")}</h2>
      <div class="does" role="radiogroup" aria-labelledby="part" @keydown=${this.moved}>${DUTIES.map((duty) => html`
        <button class="choice ${colourOf(duty)}" role="radio" aria-checked=${duty === now} tabindex=${duty === now ? 0 : -1} @click=${() => this.say(duty)}><i></i>${w(MINE[duty])}</button>`)}</div>
    </section>`;
  }

  private waits(one: Waiting): TemplateResult {
    const name = one.name || one.number || t("unknown");
    const time = length(Math.max(0, Math.floor((Date.now() - Date.parse(one.since)) / 1000)));
    return html`<div class="row">${face(name)}
      <span class="what text"><span class="name">${name}</span><span class="more">${one.name ? one.number : ""}</span></span>
      <time datetime=${one.since}>${w("waits", { time })}</time></div>`;
  }

  private member(team: Team, user: string): TemplateResult {
    const { store } = this.house;
    const name = store.nameOf(user);
    const duty = dutyOf(team, user);
    return html`<div class="row">${face(name, { presence: colourOf(duty), picture: store.pictures[user] })}
      <span class="what text"><span class="name">${name}</span><span class="more">${w(THEIRS[duty])}</span></span></div>`;
  }

  /** Arrows choose among the three, as in any such group. */
  private readonly moved = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const choices = [...this.renderRoot.querySelectorAll<HTMLButtonElement>(".choice")];
    const next = choices[(choices.indexOf(event.target as HTMLButtonElement) + step + choices.length) % choices.length];
    next?.focus();
    next?.click();
  };

  private async say(duty: Duty): Promise<void> {
    try {
      await this.house.ask("team/duty", { team: this.team, duty });
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }
}
