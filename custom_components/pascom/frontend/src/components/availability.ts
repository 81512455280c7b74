/** What one says of oneself: available, busy, away or not to be disturbed, with a sentence of one's own. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { refusal } from "../data/link";
import { LONGEST_TEXT } from "../data/preferences";
import { chosen, CHOICES, colourOf, type Choice } from "../data/presence";
import { t } from "../data/texts";
import type { User } from "../data/wire";
import { t as p } from "../data/people-texts";
import { faces } from "./avatar";
import { Part } from "./element";
import { icon, mdiCheck, mdiClose } from "./icons";
import "./menu";
import type { Menu } from "./menu";
import { menus } from "./menu-items";
import { shared } from "./style";

/** Minutes to choose from. */
const AWAY_AFTER = [0, 5, 10, 15, 30, 60] as const;

@customElement("pascom-availability")
export class Availability extends Part {
  @state() private text = "";
  @query("pascom-menu") private readonly menu!: Menu;

  static override styles = [
    shared,
    faces,
    menus,
    css`
      :host { display: contents; }
      .item .dot { position: relative; inset: auto; flex: none; margin: 0 5px; border: 0; }
      .item .dot.away::after { display: none; }
      .item .dot.quiet::after { inset: 6px 3px; }
      .item .icon { margin-inline-start: auto; color: var(--accent); }
      form { display: flex; gap: 8px; padding: 8px 16px 4px; align-items: center; }
      form .field { flex: 1; min-width: 0; }
      .texts { display: flex; flex-wrap: wrap; gap: 6px; padding: 4px 16px 8px; }
      .texts span { display: inline-flex; align-items: center; border: 1px solid var(--line); border-radius: 22px; max-width: 100%; }
      .texts button { min-height: 44px; font-size: 14px; padding: 0 4px 0 14px; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; display: block; }
      .texts button.round { flex: none; min-width: 40px; width: 40px; padding: 0; display: grid; }
      .texts .icon { width: 16px; height: 16px; }
      label { margin: 8px 16px; }
    `,
  ];

  show(anchor: Element): void {
    this.text = this.me?.availability_text ?? "";
    void this.house.preferred.load();
    this.requestUpdate();
    void this.updateComplete.then(() => this.menu.show(anchor));
  }

  private get me(): User | undefined {
    return this.house.store.user(this.house.store.me.user);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { me } = this;
    if (me === undefined) return nothing;
    const { texts, away_after } = this.house.preferred.value;
    const now = chosen(me);
    return html`<pascom-menu form .label=${p("my_availability")}>
      <div role="radiogroup" aria-label=${p("my_availability")}>
        ${CHOICES.map((choice) => html`<button class="item" role="radio" aria-checked=${choice === now} @click=${() => void this.choose(choice)}>
          <i class="dot ${colourOf(choice)}"></i><span>${t(choice)}</span>${choice === now ? icon(mdiCheck) : nothing}</button>`)}
      </div>
      <form @submit=${(event: Event) => (event.preventDefault(), void this.say(this.text))}>
        <input class="field" type="text" maxlength=${LONGEST_TEXT} dir="auto" autocomplete="off" .value=${this.text} aria-label=${p("own_text")} placeholder=${p("own_text_example")}
          @input=${(event: InputEvent) => (this.text = (event.target as HTMLInputElement).value)} />
        <button class="round filled" aria-label=${p("show_text")} title=${p("show_text")} ?disabled=${this.text.trim() === me.availability_text}>${icon(mdiCheck)}</button>
      </form>
      <div class="texts">
        ${me.availability_text ? html`<span><button @click=${() => void this.say("")}>${p("no_text")}</button><i style="width:10px"></i></span>` : nothing}
        ${texts.filter((text) => text !== me.availability_text).map((text) => html`<span><button dir="auto" @click=${() => void this.say(text)}>${text}</button>
          <button class="round" aria-label=${p("forget_text", { text })} title=${p("forget_text", { text })} @click=${() => void this.asks(() => this.house.preferred.forget(text))}>${icon(mdiClose)}</button></span>`)}
      </div>
      <div class="rule"></div>
      ${me.profiles.length > 1 ? html`<label>${p("follow_me")}<select class="field" @change=${(event: Event) => void this.set({ profile: (event.target as HTMLSelectElement).value })}>
        ${me.profiles.map((name) => html`<option value=${name} ?selected=${name === me.profile}>${name === "default" ? p("every_phone") : name}</option>`)}</select></label>` : nothing}
      <label>${p("away_by_itself")}<select class="field" @change=${(event: Event) => void this.awayAfter(Number((event.target as HTMLSelectElement).value))}>
        ${AWAY_AFTER.map((minutes) => html`<option value=${minutes} ?selected=${minutes === away_after}>${minutes ? p("after_minutes", { minutes }) : p("never")}</option>`)}</select></label>
    </pascom-menu>`;
  }

  private async choose(choice: Choice): Promise<void> {
    const quiet = choice === "do_not_disturb";
    if (await this.set(quiet ? { do_not_disturb: true } : { do_not_disturb: false, availability: choice })) this.menu.close();
  }

  private async say(text: string): Promise<void> {
    const said = text.trim();
    if (!(await this.set({ availability_text: said }))) return;
    this.text = said;
    this.menu.close();
    await this.asks(() => this.house.preferred.remember(said));
  }

  private async awayAfter(minutes: number): Promise<void> {
    await this.asks(() => this.house.preferred.change({ away_after: minutes }));
    await this.house.detect(true);
  }

  private set(fields: object): Promise<boolean> {
    return this.asks(() => this.house.ask("user/set", { user: this.house.store.me.user, ...fields }));
  }

  private async asks(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.house.say(refusal(error).message, true);
      return false;
    }
  }
}
