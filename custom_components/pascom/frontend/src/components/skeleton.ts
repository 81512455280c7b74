/** What a list looks like until it is there: rows without words, after a moment, so that nothing flashes where it comes at once. */

import { css, html, type TemplateResult } from "lit";

export const skeletons = css`
  .bones { display: grid; padding: 4px; animation: bones-come 0.2s 0.3s both; }
  .bone { display: flex; gap: 12px; align-items: center; min-height: 64px; padding: 6px 12px; }
  .bone > span { flex: 1; display: grid; gap: 8px; }
  .bone i { display: block; height: 12px; border-radius: 6px; background: color-mix(in srgb, var(--text) 10%, transparent); animation: bones-wait 0.9s ease-in-out infinite alternate; }
  .bone > i { flex: none; width: 44px; height: 44px; border-radius: 50%; }
  @keyframes bones-come { from { opacity: 0; } }
  @keyframes bones-wait { to { opacity: 0.5; } }
`;

/** In percent, as names are long. */
const WIDTHS = [[38, 56], [30, 44], [46, 62], [34, 40], [42, 58], [28, 48]] as const;

export function skeleton(text: string): TemplateResult {
  return html`<div class="bones card" role="status"><span class="hidden">${text}</span>
    ${WIDTHS.map(([name, more]) => html`<div class="bone" aria-hidden="true"><i></i><span><i style="width:${name}%"></i><i style="width:${more}%"></i></span></div>`)}</div>`;
}
