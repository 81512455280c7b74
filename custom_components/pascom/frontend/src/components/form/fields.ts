/** What forms are made of: a label, what is filled in, a sentence that helps, and what is wrong with it. */

import { css, html, nothing, type TemplateResult } from "lit";
import { icon, mdiCheck } from "../icons";
import { switches } from "../switches";

export interface Field {
  label: string;
  /** Which of several fields that have the same label it is. */
  key?: string | undefined;
  help?: string | undefined;
  fault?: string | undefined;
  disabled?: boolean;
}

export interface TextField extends Field {
  value: string;
  type?: "text" | "password" | "tel" | "url" | "number";
  autocomplete?: string;
  placeholder?: string;
  required?: boolean;
  changed: (value: string) => void;
}

export type Choice = readonly [value: string, label: string];

export const forms = css`
  .form { display: grid; gap: 18px; }
  .entry { display: grid; gap: 6px; min-width: 0; border: 0; padding: 0; margin: 0; }
  .entry > .label, .entry > legend { font-size: 14px; color: var(--faint); padding: 0; }
  .entry > legend { margin-block-end: 6px; }
  .entry .field[aria-invalid="true"] { border-color: var(--bad); }
  .help { font-size: 14px; color: var(--faint); margin: 0; overflow-wrap: anywhere; }
  .fault { font-size: 14px; color: var(--bad); margin: 0; font-weight: 500; }
  .chips { display: flex; flex-wrap: wrap; gap: 8px; }
  .chip { border: 1px solid var(--line); background: var(--card); padding: 0 16px; }
  .chip[aria-checked="true"] { background: color-mix(in srgb, var(--accent) 18%, var(--card)); border-color: var(--accent); padding-inline-start: 10px; }
  .chip .icon { width: 20px; height: 20px; }
  ${switches}
  .pair { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); align-items: start; }
  .ends { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
  .ends > :last-child:not(:only-child).danger { margin-inline-start: auto; }
  .danger { color: var(--bad); }
  .differs { border-collapse: collapse; font-size: 14px; width: 100%; }
  .differs th, .differs td { text-align: start; padding: 6px 12px 6px 0; vertical-align: top; overflow-wrap: anywhere; }
  .differs th { font-weight: 500; }
  .differs thead th { color: var(--faint); }
  details > summary { min-height: 44px; display: flex; align-items: center; cursor: pointer; font-weight: 500; gap: 8px; list-style: none; }
  details > summary::before { content: ""; width: 8px; height: 8px; border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(-45deg); transition: transform 0.15s; margin-inline: 4px; }
  :host(:dir(rtl)) details > summary::before { transform: rotate(135deg); }
  details[open] > summary::before, :host(:dir(rtl)) details[open] > summary::before { transform: rotate(45deg); }
  details[open] > summary { margin-block-end: 8px; }
`;

let made = 0;

/** One line of text.  What is wrong with it is read out with it. */
export function textField(field: TextField): TemplateResult {
  const id = idOf(field);
  return html`<div class="entry">
    <label class="label" for=${id}>${field.label}</label>
    <input class="field" id=${id} .value=${field.value} type=${field.type ?? "text"} autocomplete=${(field.autocomplete ?? "off") as "off"} placeholder=${field.placeholder ?? nothing}
      ?disabled=${field.disabled} ?required=${field.required} aria-invalid=${Boolean(field.fault)} aria-describedby=${`${id}-about`} spellcheck="false"
      @input=${(event: Event) => field.changed((event.target as HTMLInputElement).value)} />
    ${about(id, field)}
  </div>`;
}

export function choiceField(field: Field & { value: string; choices: readonly Choice[]; changed: (value: string) => void }): TemplateResult {
  const id = idOf(field);
  return html`<div class="entry">
    <label class="label" for=${id}>${field.label}</label>
    <select class="field" id=${id} ?disabled=${field.disabled} aria-invalid=${Boolean(field.fault)} aria-describedby=${`${id}-about`}
      @change=${(event: Event) => field.changed((event.target as HTMLSelectElement).value)}>
      ${field.choices.map(([value, label]) => html`<option value=${value} ?selected=${value === field.value}>${label}</option>`)}
    </select>
    ${about(id, field)}
  </div>`;
}

/** Any number of some; each is a switch of its own. */
export function manyField(field: Field & { values: readonly string[]; choices: readonly Choice[]; changed: (values: string[]) => void }): TemplateResult {
  const id = idOf(field);
  const flip = (value: string): void => field.changed(field.values.includes(value) ? field.values.filter((each) => each !== value) : [...field.values, value]);
  return html`<fieldset class="entry" aria-describedby=${`${id}-about`}>
    <legend>${field.label}</legend>
    <div class="chips">${field.choices.map(([value, label]) => {
      const on = field.values.includes(value);
      return html`<button type="button" class="chip" role="checkbox" aria-checked=${on} ?disabled=${field.disabled} @click=${() => flip(value)}>${on ? icon(mdiCheck) : nothing}${label}</button>`;
    })}</div>
    ${about(id, field)}
  </fieldset>`;
}

export function switchField(field: Field & { value: boolean; changed: (value: boolean) => void }): TemplateResult {
  return html`<label class="switch"><span>${field.label}</span>${field.help ? html`<small class="help">${field.help}</small>` : nothing}
    <input type="checkbox" .checked=${field.value} ?disabled=${field.disabled} @change=${(event: Event) => field.changed((event.target as HTMLInputElement).checked)} /></label>`;
}

function about(id: string, { help, fault }: Field): TemplateResult {
  return html`<div id=${`${id}-about`}>${fault ? html`<p class="fault" role="alert">${fault}</p>` : help ? html`<p class="help">${help}</p>` : nothing}</div>`;
}

const ids = new Map<string, string>();

/** The same for the same label, so that drawing anew changes nothing. */
function idOf({ label, key = "" }: Field): string {
  const which = `${key}\n${label}`;
  if (!ids.has(which)) ids.set(which, `f${(made += 1)}`);
  return ids.get(which)!;
}
