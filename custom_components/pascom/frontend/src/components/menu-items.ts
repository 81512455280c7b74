/** Entries of a menu, drawn by whoever has one. */

import { css, html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons";

export const menus = css`
  .item { display: flex; width: 100%; justify-content: flex-start; gap: 16px; padding: 4px 12px; border-radius: 4px; min-height: 44px; text-align: start; font-size: 14px; }
  .item .icon { color: var(--faint); }
  .item > span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .item .more { margin-inline-start: auto; flex: none; }
  .item.bad, .item.bad .icon { color: var(--bad); }
  .item:active:not(:disabled) { transform: none; }
  .rule { height: 1px; background: var(--line); margin: 6px 0; }
`;

export function item(symbol: string, text: string, work: () => void, more: { note?: string; bad?: boolean } = {}): TemplateResult {
  return html`<button class="item ${more.bad ? "bad" : ""}" role="menuitem" @click=${work}>${icon(symbol)}<span>${text}</span>${more.note ? html`<span class="more" dir="ltr">${more.note}</span>` : nothing}</button>`;
}
