/** A face: a picture, or initials on a colour that belongs to the name, and a dot that says how one is reached. */

import { css, html, nothing, type TemplateResult } from "lit";
import { initials } from "../data/format";
import type { Presence } from "../data/presence";
import { icon } from "./icons";

export type { Presence } from "../data/presence";

export const faces = css`
  .face { position: relative; flex: none; width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; font-weight: 500; font-size: 16px; color: #fff; user-select: none; }
  .face.slim { width: 32px; height: 32px; font-size: 12px; }
  .face.slim .icon { width: 18px; height: 18px; }
  .face.large { width: 96px; height: 96px; font-size: 36px; }
  .face.large .icon { width: 48px; height: 48px; }
  .face img { width: 100%; height: 100%; border-radius: 50%; object-fit: cover; display: block; }
  .dot { position: absolute; inset-block-end: -1px; inset-inline-end: -1px; width: 14px; height: 14px; border-radius: 50%; border: 2px solid var(--card); background: var(--disabled-color, #9e9e9e); }
  .slim .dot { width: 12px; height: 12px; }
  .large .dot { inset-block-end: 4px; inset-inline-end: 4px; width: 20px; height: 20px; border-width: 3px; }
  .dot.free { background: var(--good); }
  .dot.busy, .dot.quiet { background: var(--bad); }
  .dot.away { background: var(--warn); }
  .dot.ringing { background: var(--warn); animation: throb 1s infinite alternate; }
  .dot.quiet::after { content: ""; position: absolute; inset: 4px 2px; background: #fff; border-radius: 1px; }
  .dot.away::after { content: ""; position: absolute; inset-block: 1px 4px; inset-inline-start: 4px; width: 4px; border: solid #fff; border-width: 0 0 2px 2px; }
  .slim .dot.away::after { inset-block: 1px 3px; inset-inline-start: 3px; }
  .dot.offline { background: var(--card); border: 0; box-shadow: inset 0 0 0 3px var(--disabled-color, #9e9e9e), 0 0 0 2px var(--card); width: 12px; height: 12px; }
  @keyframes throb { to { transform: scale(1.35); } }
`;

export function face(name: string, given: { presence?: Presence; symbol?: string; picture?: string; size?: "slim" | "large" | "" } = {}): TemplateResult {
  const letters = initials(name);
  return html`<span class="face ${given.size ?? ""}" style="background:${colour(name)}" aria-hidden="true">
    ${given.picture ? html`<img src=${given.picture} alt="" loading="lazy" decoding="async" draggable="false" />` : given.symbol ? icon(given.symbol) : letters || "#"}
    ${given.presence ? html`<span class="dot ${given.presence}"></span>` : nothing}
  </span>`;
}

/** Dark enough for white letters, in light and dark. */
function colour(name: string): string {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 3600;
  return `hsl(${hash % 360} 42% 36%)`;
}
