/** What all cards have: their house, a surface as Home Assistant's own, and a sentence where there is nothing to show. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { Part } from "../components/element";
import { icon, mdiAccount } from "../components/icons";
import { houseOf } from "../data/house";
import { t as e } from "../data/everywhere-texts";
import { refusal } from "../data/link";
import { use } from "../data/pbxs";
import { t as common } from "../data/texts";
import type { CardConfig } from "./config";
import { entriesOf, placeOf, type Home, type PlaceKind } from "./places";
import { t } from "./texts";

export const surface = css`
  :host { display: block; height: 100%; container-type: inline-size; }
  .card {
    position: relative; display: flex; flex-direction: column; height: 100%; min-height: 56px; overflow: hidden;
    background: var(--ha-card-background, var(--card)); color: var(--text); border-radius: var(--radius);
    border: var(--ha-card-border-width, 1px) solid var(--ha-card-border-color, var(--line));
    box-shadow: var(--ha-card-box-shadow, none); backdrop-filter: var(--ha-card-backdrop-filter, none);
    transition: border-color 0.3s, box-shadow 0.3s;
  }
  .message { display: flex; gap: 12px; align-items: center; padding: 16px; margin: 0; font-size: 14px; color: var(--faint); overflow-wrap: anywhere; }
  .does { padding: 0 16px 16px; }
  .message .icon { opacity: 0.8; }
  .gone { flex: none; padding: 6px 16px; background: color-mix(in srgb, var(--bad) 16%, transparent); font-size: 13px; }
  /* As Home Assistant's tiles. */
  .head { display: flex; align-items: center; gap: 10px; padding: 9px 8px 9px 10px; padding-inline: 10px 8px; min-height: 56px; }
  .head > .name:first-child { padding-inline-start: 6px; }
  .head .what { flex: 1; min-width: 0; }
  .head .name { font-size: 14px; line-height: 20px; letter-spacing: 0.1px; }
  .head .more { font-size: 12px; line-height: 16px; letter-spacing: 0.4px; color: var(--text); }
  .head > .name { font-size: 16px; }
  .head .symbol { flex: none; width: 36px; height: 36px; border-radius: 50%; display: grid; place-items: center; background: color-mix(in srgb, var(--accent) 16%, transparent); color: var(--accent); }
  .head .symbol.on { background: color-mix(in srgb, var(--good) 20%, transparent); color: var(--good); }
  .head .symbol.warn { background: color-mix(in srgb, var(--warn) 24%, transparent); color: var(--warn); }
  .name, .more { display: block; }
  .notice, .trouble { margin: 0 12px 12px; font-size: 13px; }
`;

export abstract class Card<Config extends CardConfig> extends Part {
  @property({ attribute: false }) home!: Home;
  @property({ attribute: false }) config!: Config;
  @property({ type: Boolean, reflect: true }) preview = false;

  private readonly sight = new IntersectionObserver(([entry]) => this.sighted(entry?.isIntersecting ?? false));
  protected onScreen = false;

  protected override arrived(): void {
    this.sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sight.disconnect();
    this.sighted(false);
    this.shows("");
  }

  /** Whether anybody who looks at this page could see the card. */
  protected sighted(onScreen: boolean): void {
    this.onScreen = onScreen;
    this.requestUpdate();
  }

  /** What of the page's calls this card shows as long as it is in sight: there is no second bar with the same buttons then. */
  protected shows(calls: "" | "calls" | `door:${string}`): void {
    this.house?.shows(this, this.onScreen && !this.preview ? calls : "");
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("home") && this.home) void houseOf(this.home, entriesOf(this.home)).then((house) => (this.house = house));
    super.willUpdate(changed);
  }

  protected override render(): TemplateResult {
    if (!this.house || !this.config) return html`<div class="card" aria-busy="true"></div>`;
    const { store } = this.house;
    const place = this.config.entity ? placeOf(this.home, this.config.entity) : null;
    const other = place ? this.house.otherThan(place.entry) : "";
    if (place && other) return this.message(e("of_other_pbx", { name: other }), nothing, html`<button class="tonal" @click=${() => this.use(place.entry)}>${e("use_other_pbx", { name: other })}</button>`);
    if (store.phase === "missing") return this.message(common("no_pbx"));
    if (store.phase === "ready" && !store.me.linked) return this.message(common("not_linked"), icon(mdiAccount));
    if (store.snapshot === null) return store.phase === "away" ? this.message(common("pbx_away")) : html`<div class="card" aria-busy="true"></div>`;
    return this.shown();
  }

  protected abstract shown(): TemplateResult;

  /** A whole card of one sentence. */
  protected message(text: string, symbol: TemplateResult | typeof nothing = nothing, does: TemplateResult | typeof nothing = nothing): TemplateResult {
    return html`<div class="card">${this.config?.title ? html`<div class="head"><span class="what name">${this.config.title}</span></div>` : nothing}
      <p class="message" role="status">${symbol}<span>${text}</span></p>${does === nothing ? nothing : html`<div class="does">${does}</div>`}</div>`;
  }

  private use(entry: string): void {
    if (!this.preview) use(entry, (changes) => this.house.choose(changes));
  }

  protected get isAway(): boolean {
    return this.house.store.phase === "away";
  }

  protected awayLine(): TemplateResult | typeof nothing {
    return this.isAway ? html`<div class="gone" role="status">${t("away")}</div>` : nothing;
  }

  /** What is chosen by its name, else by an entity, else the only one there is. */
  protected chosen(kind: PlaceKind, name: string | undefined, all: readonly { name: string }[]): string {
    if (name) return name;
    const place = this.config.entity ? placeOf(this.home, this.config.entity) : null;
    if (place?.kind === kind) return place.name;
    return all.length === 1 && !this.config.entity ? (all[0]?.name ?? "") : "";
  }

  protected goTo(path: string): void {
    if (this.preview) return;
    history.pushState(null, "", path);
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
  }

  protected async does(command: string, fields: object): Promise<void> {
    try {
      await this.house.ask(command, fields);
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }
}
