/** What all sections of the settings look like and do. */

import { css, html, nothing, type TemplateResult } from "lit";
import { Part } from "../../components/element";
import { shared } from "../../components/style";
import { switches } from "../../components/switches";
import { refusal } from "../../data/link";
import { t } from "../../data/texts";

export const cards = css`
  :host { display: block; break-inside: avoid; }
  .card { padding: 16px; display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
  h2 { margin: 0; font-size: 20px; font-weight: 400; line-height: 1.2; }
  h3 { margin: 8px 0 -4px; font-size: 16px; font-weight: 500; }
  p { margin: 0; }
  .about { color: var(--faint); font-size: 14px; }
  label:has(> [type="range"]) { display: grid; font-size: 14px; color: var(--faint); }
  ${switches}
  .does { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
  .does > button { flex: 1 1 auto; min-width: min(150px, 100%); }
  .card > .tonal { justify-self: start; }
  .beside { display: flex; gap: 8px; align-items: center; }
  .beside > label { flex: 1; min-width: 0; }
`;

export class Section extends Part {
  static override styles = [shared, cards];

  protected toggle(text: string, on: boolean, set: (on: boolean) => void, about = "", disabled = false): TemplateResult {
    return html`<label class="switch"><span>${text}</span>${about ? html`<small>${about}</small>` : nothing}
      <input type="checkbox" .checked=${on} ?disabled=${disabled} @change=${(event: Event) => set((event.target as HTMLInputElement).checked)} /></label>`;
  }

  protected pick<T extends string>(label: string, value: T, options: readonly (readonly [T, string])[], set: (value: T) => void, disabled = false): TemplateResult {
    return html`<label>${label}<select class="field" ?disabled=${disabled} @change=${(event: Event) => set((event.target as HTMLSelectElement).value as T)}>
      ${options.map(([option, text]) => html`<option value=${option} ?selected=${option === value}>${text}</option>`)}</select></label>`;
  }

  /** Says what was refused; whether it was done. */
  protected async asks(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.house.say(refusal(error).message || t("unavailable"), true);
      return false;
    } finally {
      this.requestUpdate();
    }
  }
}
