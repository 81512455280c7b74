/** Switches as Home Assistant has them, made of the browser's own: keys and screen readers know what they are. */

import { css } from "lit";

export const switches = css`
  .switch input { appearance: none; grid-row: 1 / span 2; grid-column: 2; width: 46px; height: 26px; min-height: 0; margin: 9px 4px; border-radius: 13px; background: color-mix(in srgb, var(--text) 28%, transparent); position: relative; cursor: pointer; transition: background-color 0.15s; }
  .switch:not(:has(small)) input { grid-row: 1; }
  .switch input::after { content: ""; position: absolute; inset-block-start: 3px; inset-inline-start: 3px; width: 20px; height: 20px; border-radius: 50%; background: #fff; box-shadow: 0 1px 3px rgba(0, 0, 0, 0.4); transition: inset-inline-start 0.15s; }
  .switch input:checked { background: var(--accent); }
  .switch input:checked::after { inset-inline-start: 23px; }
  .switch input:disabled { opacity: 0.4; cursor: default; }
`;
