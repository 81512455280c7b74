/** Twelve keys. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { shared } from "./style";

const KEYS = [
  ["1", ""], ["2", "ABC"], ["3", "DEF"], ["4", "GHI"], ["5", "JKL"], ["6", "MNO"],
  ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"], ["*", ""], ["0", "+"], ["#", ""],
] as const;

@customElement("pascom-keypad")
export class Keypad extends LitElement {
  static override styles = [
    shared,
    css`
      :host { display: grid; grid-template-columns: repeat(3, minmax(48px, 88px)); gap: var(--between, 10px) 18px; justify-content: center; direction: ltr; }
      button { flex-direction: column; gap: 0; min-height: var(--key, 60px); border-radius: 30px; background: color-mix(in srgb, var(--text) 6%, transparent); font-size: 24px; line-height: 1.1; touch-action: manipulation; }
      button:hover:not(:disabled) { background: color-mix(in srgb, var(--text) 12%, transparent); }
      small { font-size: 10px; letter-spacing: 1.5px; color: var(--faint); min-height: 12px; }
    `,
  ];

  protected override render(): TemplateResult {
    return html`${KEYS.map(
      ([key, letters]) => html`<button @click=${() => this.press(key)} @contextmenu=${(event: Event) => this.long(event, key)}>
        ${key}<small aria-hidden="true">${letters}</small>
      </button>`,
    )}`;
  }

  /** Held long, the 0 is a +. */
  private long(event: Event, key: string): void {
    event.preventDefault();
    this.press(key === "0" ? "+" : key);
  }

  private press(key: string): void {
    this.dispatchEvent(new CustomEvent("key", { detail: key }));
  }
}
