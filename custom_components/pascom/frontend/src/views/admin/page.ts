/** What the pages of the administration are made of. */

import { css } from "lit";
import { property } from "lit/decorators.js";
import { Part } from "../../components/element";
import { refusal, type Hass } from "../../data/link";

/** Stands for what is not there yet, in the address: no name has a plus sign. */
export const NEW = "+";

export class Page extends Part {
  @property({ attribute: false }) hass!: Hass;
  @property() entry = "";
  /** What is looked at, by its name; empty for the list. */
  @property() name = "";

  protected go(area: string, name = ""): void {
    const path = name ? `${area}/${encodeURIComponent(name)}` : area;
    this.dispatchEvent(new CustomEvent("show", { detail: { admin: path }, bubbles: true, composed: true }));
  }

  private asked = 0;

  /** The answer to the latest of these questions alone: an earlier one may come later and know less. */
  protected async latest<T>(work: () => Promise<T>): Promise<T | undefined> {
    const turn = (this.asked += 1);
    const answer = await this.tried(work);
    return turn === this.asked ? answer : undefined;
  }

  /** Does something that may be refused, and says so at the edge of the page. */
  protected async tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.house.say(refusal(error).message, true);
      return undefined;
    }
  }
}

export const pages = css`
  :host { display: block; }
  .all { display: grid; gap: 16px; padding: 16px; max-width: 780px; margin-inline: auto; grid-template-columns: minmax(0, 1fr); }
  .all.wide { max-width: 1100px; }
  .top { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; min-height: 48px; }
  .top h1 { flex: 1; min-width: 0; font-size: 24px; font-weight: 400; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
  .card { background: var(--card); border-radius: var(--radius); border: 1px solid var(--line); padding: 16px; display: grid; gap: 14px; grid-template-columns: minmax(0, 1fr); }
  .card.list { padding: 4px; gap: 0; }
  .card h2 { margin: 0; font-size: 20px; font-weight: 400; color: var(--text); }
  .about { color: var(--faint); font-size: 14px; margin: 0; }
  .row { position: relative; }
  button.row { width: 100%; text-align: start; justify-content: flex-start; border-radius: var(--radius); }
  .row .end { display: inline-flex; align-items: center; gap: 8px; color: var(--faint); font-size: 14px; flex: none; }
  .light { display: inline-flex; align-items: center; gap: 8px; font-size: 14px; }
  .light::before { content: ""; width: 12px; height: 12px; border-radius: 50%; background: var(--disabled-color, #9e9e9e); flex: none; }
  .light.good::before { background: var(--good); }
  .light.warn::before { background: var(--warn); }
  .light.bad::before { background: var(--bad); }
  .light.waits::before { background: var(--warn); animation: throb 1s infinite alternate; }
  @keyframes throb { to { transform: scale(1.3); } }
  .tag { font-size: 12px; border: 1px solid var(--line); border-radius: 10px; padding: 1px 8px; color: var(--faint); white-space: nowrap; }
  .made { display: flex; gap: 10px; align-items: start; }
  .made .icon { color: var(--faint); }
  .sure { display: grid; gap: 12px; }
`;
