/** A button that has to be held, so that no pocket opens a door: by finger, mouse, space bar or Enter. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { shared } from "./style";

export const HOLD_MS = 800;

@customElement("pascom-hold-button")
export class HoldButton extends LitElement {
  @property() label = "";
  @property({ type: Boolean }) disabled = false;
  /** It has done what it was held for. */
  @property({ type: Boolean, reflect: true }) done = false;
  @state() private holding = false;
  private timer = 0;

  static override styles = [
    shared,
    css`
      :host { display: inline-flex; }
      button { position: relative; overflow: hidden; touch-action: none; user-select: none; -webkit-user-select: none; -webkit-touch-callout: none; width: 100%; min-height: var(--hold-size, 56px); border-radius: 28px; padding: 0 var(--hold-padding, 24px); background: var(--hold-back, color-mix(in srgb, var(--accent) 22%, var(--card))); color: var(--hold-text, var(--text)); font-weight: 500; }
      button:hover:not(:disabled) { background: var(--hold-back, color-mix(in srgb, var(--accent) 30%, var(--card))); }
      :host([done]) button, :host([done]) button:hover:not(:disabled) { background: var(--green); color: #fff; opacity: 1; }
      .fill { position: absolute; inset: 0; background: var(--hold-fill, var(--accent)); transform: scaleX(0); transform-origin: left; opacity: 0.55; }
      :host(:dir(rtl)) .fill { transform-origin: right; }
      .holding .fill { transform: scaleX(1); transition: transform ${HOLD_MS}ms linear; }
      .inner { position: relative; display: inline-flex; gap: 10px; align-items: center; text-align: center; line-height: 1.2; }
    `,
  ];

  protected override render(): TemplateResult {
    return html`<button
      class=${this.holding ? "holding" : ""}
      ?disabled=${this.disabled}
      aria-label=${this.label}
      @pointerdown=${(event: PointerEvent) => event.button === 0 && this.begin()}
      @pointerup=${this.stop}
      @pointerleave=${this.stop}
      @pointercancel=${this.stop}
      @contextmenu=${(event: Event) => event.preventDefault()}
      @keydown=${(event: KeyboardEvent) => this.key(event)}
      @keyup=${this.stop}
      @blur=${this.stop}
    ><span class="fill"></span><span class="inner"><slot></slot></span></button>`;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) this.begin();
  }

  private begin(): void {
    if (this.disabled || this.holding) return;
    this.holding = true;
    this.timer = window.setTimeout(() => {
      this.stop();
      this.dispatchEvent(new CustomEvent("held", { bubbles: true, composed: true }));
    }, HOLD_MS);
  }

  private readonly stop = (): void => {
    clearTimeout(this.timer);
    this.holding = false;
  };
}
