/** The form in Home Assistant's dialog of a card: made from a table, of our own elements, by keyboard as by finger. */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import { icon, mdiArrowDown, mdiArrowUp, mdiClose } from "../components/icons";
import { entries, type Entry } from "../components/people";
import { rows, shared } from "../components/style";
import { houseOf, type House } from "../data/house";
import { t as common } from "../data/texts";
import { changed, type Options } from "./config";
import { entriesOf, placeOf, places, type Home } from "./places";
import { t, type CardKey } from "./texts";

interface Named {
  /** The option of the configuration. */
  option: string;
  label: CardKey;
}

export type Field =
  | ({ kind: "text"; hint?: CardKey } & Named)
  /** `standard` is what holds without the option, which then is not written. */
  | ({ kind: "switch"; standard: boolean } & Named)
  | ({ kind: "choice"; standard: string; choices: readonly (readonly [string, CardKey])[] } & Named)
  | ({ kind: "place"; place: "door" | "room" } & Named)
  | ({ kind: "people"; hint: CardKey } & Named)
  /** Places that are shown; who is switched off is in the option's list as `door:name`. */
  | ({ kind: "places"; place: "door" | "room" } & Named);

export abstract class Editor extends LitElement {
  @property({ attribute: false }) hass!: Home;
  @state() protected config: Options = {};
  @state() private house: House | null = null;
  private deaf: (() => void) | null = null;
  protected abstract readonly fields: readonly Field[];

  static override styles = [
    shared,
    rows,
    faces,
    css`
      :host { display: block; padding-block-end: 8px; }
      form { display: grid; gap: 16px; }
      label, .label { display: block; font-size: 14px; font-weight: 500; margin-block-end: 6px; }
      .hint { margin: 6px 0 0; font-size: 13px; color: var(--faint); }
      fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
      legend { padding: 0; }
      .switch { display: flex; align-items: center; gap: 12px; min-height: 48px; margin: 0; font-size: 16px; font-weight: 400; cursor: pointer; }
      .switch span { flex: 1; min-width: 0; overflow-wrap: anywhere; }
      input[role="switch"] { appearance: none; flex: none; width: 44px; height: 26px; border-radius: 13px; background: color-mix(in srgb, var(--text) 30%, transparent); position: relative; margin: 0; cursor: pointer; transition: background-color 0.15s; }
      input[role="switch"]::before { content: ""; position: absolute; inset-block-start: 3px; inset-inline-start: 3px; width: 20px; height: 20px; border-radius: 50%; background: #fff; transition: translate 0.15s; box-shadow: 0 1px 3px rgba(0, 0, 0, 0.4); }
      input[role="switch"]:checked { background: var(--accent); }
      input[role="switch"]:checked::before { translate: 18px; }
      input[role="switch"]:checked:dir(rtl)::before { translate: -18px; }
      .row { padding-inline: 4px; }
    `,
  ];

  setConfig(config: Options): void {
    this.config = config;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.deaf?.();
    this.deaf = null;
  }

  protected override willUpdate(given: PropertyValues): void {
    if (!given.has("hass") || this.house || !this.hass) return;
    void houseOf(this.hass, entriesOf(this.hass)).then((house) => {
      this.house = house;
      this.deaf ??= house.store.listen(() => this.requestUpdate());
    });
  }

  protected override render(): TemplateResult {
    return html`<form @submit=${(event: Event) => event.preventDefault()}>${this.fields.map((field) => this.field(field))}</form>`;
  }

  protected set(option: string, value: unknown, standard?: unknown): void {
    this.tell(changed(this.config, option, value, standard));
  }

  private tell(config: Options): void {
    this.config = config;
    this.dispatchEvent(new CustomEvent("config-changed", { detail: { config }, bubbles: true, composed: true }));
  }

  private field(field: Field): TemplateResult | typeof nothing {
    switch (field.kind) {
      case "text":
        return html`<div><label for=${field.option}>${t(field.label)}</label>
          <input class="field" id=${field.option} maxlength="100" autocomplete="off" .value=${String(this.config[field.option] ?? "")} placeholder=${field.hint ? t(field.hint) : ""}
            @change=${(event: Event) => this.set(field.option, (event.target as HTMLInputElement).value.trim())} /></div>`;
      case "switch":
        return this.switch(t(field.label), Boolean(this.config[field.option] ?? field.standard), (on) => this.set(field.option, on, field.standard));
      case "choice":
        return this.select(field.option, t(field.label), String(this.config[field.option] ?? field.standard), field.choices.map(([value, label]) => [value, t(label)]),
          (value) => this.set(field.option, value, field.standard));
      case "place":
        return this.place(field);
      case "places":
        return this.places(field);
      case "people":
        return this.people(field);
    }
  }

  private place({ option, label, place }: Field & { kind: "place" }): TemplateResult {
    const all = this.known(place);
    const ofEntity = placeOf(this.hass, String(this.config.entity ?? ""));
    const chosen = String(this.config[option] ?? (ofEntity?.kind === place ? ofEntity.name : ""));
    const gone = chosen && !all.some(([name]) => name === chosen) ? [[chosen, chosen] as const] : [];
    const none = place === "door" ? t("door_none") : t("room_none");
    return html`${this.select(option, t(label), chosen, [["", all.length ? t("choose") : none], ...all, ...gone], (name) => {
      const { entity: _, ...rest } = this.config;
      this.tell(changed(rest, option, name, undefined));
    })}`;
  }

  private places({ option, label, place }: Field & { kind: "places" }): TemplateResult | typeof nothing {
    const all = this.known(place);
    const hidden = (this.config[option] as string[] | undefined) ?? [];
    if (all.length < 2) return nothing;
    return html`<fieldset><legend class="label">${t(label)}</legend>
      ${all.map(([name, title]) => {
        const key = `${place}:${name}`;
        return this.switch(title, !hidden.includes(key), (on) => this.set(option, on ? hidden.filter((each) => each !== key) : [...hidden, key]));
      })}</fieldset>`;
  }

  private people({ option, label, hint }: Field & { kind: "people" }): TemplateResult {
    const all = this.house ? entries(this.house.store) : [];
    const chosen = ((this.config[option] as string[] | undefined) ?? []).map((key) => (key.includes(":") ? key : `user:${key}`));
    const left = all.filter((entry) => !chosen.includes(entry.key));
    const entryOf = (key: string): Entry | undefined => all.find((entry) => entry.key === key);
    const title = (key: string): string => entryOf(key)?.title ?? key;
    const moved = (index: number, by: number): string[] => {
      const order = [...chosen];
      const [one] = order.splice(index, 1);
      order.splice(index + by, 0, one ?? "");
      return order;
    };
    const button = (path: string, text: string, able: boolean, work: () => void): TemplateResult =>
      html`<button type="button" class="round" aria-label=${text} title=${text} ?disabled=${!able} @click=${work}>${icon(path)}</button>`;
    return html`<fieldset><legend class="label">${t(label)}</legend>
      ${chosen.map((key, index) => html`<div class="row slim">${face(title(key), { size: "slim", symbol: entryOf(key)?.symbol, picture: entryOf(key)?.picture })}<span class="what name">${title(key)}</span>
        ${button(mdiArrowUp, t("move_up", { name: title(key) }), index > 0, () => this.set(option, moved(index, -1)))}
        ${button(mdiArrowDown, t("move_down", { name: title(key) }), index < chosen.length - 1, () => this.set(option, moved(index, 1)))}
        ${button(mdiClose, common("remove_name", { name: title(key) }), true, () => this.set(option, chosen.filter((each) => each !== key)))}</div>`)}
      ${left.length ? this.adder(left, (key) => this.set(option, [...chosen, key])) : nothing}
      <p class="hint">${t(hint)}</p></fieldset>`;
  }

  private adder(left: readonly Entry[], add: (key: string) => void): TemplateResult {
    return html`<select class="field" aria-label=${t("add_person")} .value=${""} @change=${(event: Event) => {
      const select = event.target as HTMLSelectElement;
      add(select.value);
      select.value = "";
    }}><option value="">${t("add_person")}</option>${left.map((entry) => html`<option value=${entry.key}>${entry.title}</option>`)}</select>`;
  }

  private switch(text: string, on: boolean, turned: (on: boolean) => void): TemplateResult {
    return html`<label class="switch"><span>${text}</span><input type="checkbox" role="switch" .checked=${on} @change=${(event: Event) => turned((event.target as HTMLInputElement).checked)} /></label>`;
  }

  private select(id: string, label: string, chosen: string, choices: readonly (readonly [string, string])[], pick: (value: string) => void): TemplateResult {
    return html`<div><label for=${id}>${label}</label><select class="field" id=${id} @change=${(event: Event) => pick((event.target as HTMLSelectElement).value)}>
      ${choices.map(([value, text]) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}</select></div>`;
  }

  /** As the PBX has them for this person, else as Home Assistant knows them. */
  private known(place: "door" | "room"): (readonly [string, string])[] {
    const snapshot = this.house?.store.snapshot;
    if (snapshot) return (place === "door" ? snapshot.doors : snapshot.rooms).map((each) => [each.name, each.display_name]);
    return places(this.hass).filter(({ kind }) => kind === place).map(({ name, title }) => [name, title]);
  }
}
