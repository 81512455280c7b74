/** What every part is: it has the house, and draws itself anew when something changed. */

import { LitElement, type PropertyValues } from "lit";
import { property } from "lit/decorators.js";
import type { House } from "../data/house";

export class Part extends LitElement {
  @property({ attribute: false }) house!: House;
  private deaf: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.hear();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.deaf?.();
    this.deaf = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("house")) this.hear();
  }

  private hear(): void {
    if (!this.house || !this.isConnected) return;
    const arrived = this.deaf === null;
    this.deaf?.();
    this.deaf = this.house.store.listen(() => this.requestUpdate());
    if (arrived) this.arrived();
  }

  /** It is on the page and has its house: when it is made, and each time it comes back. */
  protected arrived(): void {}
}

/** Draws a part anew every second while `wanted`: for times that run. */
export class Seconds {
  private timer = 0;

  constructor(private readonly part: LitElement) {}

  run(wanted: boolean): void {
    if (wanted === Boolean(this.timer)) return;
    if (wanted) this.timer = window.setInterval(() => this.part.isConnected ? this.part.requestUpdate() : this.run(false), 1000);
    else {
      clearInterval(this.timer);
      this.timer = 0;
    }
  }
}
