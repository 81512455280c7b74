/** Switches as Home Assistant has them, made of the browser's own: keys and screen readers know what they are. */

import { css } from "lit";

export const switches = css`
  .switch { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 16px; align-items: center; min-height: 44px; cursor: pointer; }
  .switch small { grid-column: 1; font-size: 14px; color: var(--faint); }
  .switch input { appearance: none; grid-row: 1 / span 2; grid-column: 2; width: 48px; height: 28px; min-height: 0; margin: 8px 0; border-radius: 14px; border: 1px solid color-mix(in srgb, var(--text) 40%, transparent); background: color-mix(in srgb, var(--text) 6%, transparent); position: relative; cursor: pointer; transition: background-color 0.15s, border-color 0.15s; }
  .switch:not(:has(small)) input { grid-row: 1; }
  .switch input::after { content: ""; position: absolute; inset-block-start: 4px; inset-inline-start: 4px; width: 18px; height: 18px; border-radius: 50%; background: color-mix(in srgb, var(--text) 62%, var(--card)); transition: inset-inline-start 0.15s, background-color 0.15s; }
  .switch input:checked { background: color-mix(in srgb, var(--accent) 22%, transparent); border-color: var(--accent); }
  .switch input:checked::after { inset-inline-start: 24px; background: var(--accent); }
  .switch input:disabled { opacity: 0.4; cursor: default; }
`;
