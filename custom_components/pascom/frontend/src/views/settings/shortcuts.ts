/** Keys for what one does most: shown, and changed by pressing others. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { shared } from "../../components/style";
import { t as s } from "../../data/settings-texts";
import { ACTIONS, DEFAULT_SHORTCUTS, nameOf, verdict, type Action, type Verdict } from "../../data/shortcuts";
import { cards, Section } from "./section";

@customElement("pascom-settings-shortcuts")
export class ShortcutSettings extends Section {
  @state() private asking: Action | null = null;
  @state() private judged: Verdict = "";

  static override styles = [
    shared,
    cards,
    css`
      .key { display: flex; align-items: center; gap: 8px; min-height: 48px; }
      .key > span { flex: 1; }
      kbd { font: inherit; font-size: 14px; border: 1px solid var(--line); border-block-end-width: 3px; border-radius: 8px; padding: 4px 10px; background: color-mix(in srgb, var(--text) 5%, transparent); direction: ltr; white-space: nowrap; }
      .asked { outline: 2px solid var(--accent); }
    `,
  ];

  protected override render(): TemplateResult {
    const { shortcuts } = this.house.choices;
    const own = ACTIONS.some((action) => shortcuts[action] !== DEFAULT_SHORTCUTS[action]);
    return html`<section class="card" aria-label=${s("shortcuts")}><h2>${s("shortcuts")}</h2><p class="about">${s("shortcuts_about")}</p>
      ${ACTIONS.map((action) => html`<div class="key"><span>${s(`shortcut_${action}`)}</span>
        <button class=${this.asking === action ? "asked tonal" : ""} aria-label="${s(`shortcut_${action}`)}: ${shortcuts[action] || s("no_key")}" @click=${() => ((this.asking = action), (this.judged = ""))} @keydown=${(event: KeyboardEvent) => this.pressed(event, action)} @blur=${() => (this.asking = null)}>
          ${this.asking === action ? s("press_keys") : html`<kbd>${shortcuts[action] ? shown(shortcuts[action]) : s("no_key")}</kbd>`}</button></div>`)}
      ${this.judged ? html`<p class="trouble" role="alert">${s(`key_${this.judged}`)}</p>` : nothing}
      ${own ? html`<div class="does"><button class="tonal" @click=${() => this.house.choose({ shortcuts: DEFAULT_SHORTCUTS })}>${s("shortcuts_back")}</button></div>` : nothing}
    </section>`;
  }

  /** So that the page knows whom a key is meant for. */
  protected override updated(): void {
    this.toggleAttribute("asks", this.asking !== null);
  }

  private pressed(event: KeyboardEvent, action: Action): void {
    if (this.asking !== action) return;
    const name = nameOf(event);
    if (name === "Escape" || name === "Tab") return void (this.asking = null);
    event.preventDefault();
    event.stopPropagation();
    if (!name) return;
    const { shortcuts } = this.house.choices;
    const none = name === "Delete" || name === "Backspace";
    this.judged = none ? "" : verdict(name, action, shortcuts);
    if (this.judged) return;
    this.house.choose({ shortcuts: { ...shortcuts, [action]: none ? "" : name } });
    this.asking = null;
  }
}

/** As keyboards are labelled. */
function shown(name: string): string {
  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  const labels: Record<string, string> = apple ? { Control: "⌃", Alt: "⌥", Shift: "⇧", Meta: "⌘" } : { Control: "Ctrl", Meta: "Win" };
  return name.split("+").map((part) => labels[part] ?? part).join(apple ? " " : " + ");
}
