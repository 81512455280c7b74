/** What all parts look like: Home Assistant's theme, with its own defaults where a theme is silent. */

import { css } from "lit";

export const shared = css`
  :host {
    --accent: var(--primary-color, #009ac7);
    --on-accent: var(--text-primary-color, #fff);
    /* The theme's colour is made for bars and icons; letters want more contrast. */
    --accent-text: color-mix(in srgb, var(--accent) 60%, var(--text));
    --accent-fill: color-mix(in srgb, var(--accent) 74%, #000);
    --page: var(--primary-background-color, #fafafa);
    --card: var(--card-background-color, #fff);
    --soft: var(--secondary-background-color, #e5e5e5);
    --text: var(--primary-text-color, #212121);
    --faint: var(--secondary-text-color, #5c5c5c);
    --line: var(--divider-color, rgba(0, 0, 0, 0.12));
    --green: #2e7d32;
    --red: #c62828;
    --good: var(--success-color, #43a047);
    --warn: var(--warning-color, #ffa600);
    --bad: var(--error-color, #db4437);
    --radius: var(--ha-card-border-radius, 12px);
    color: var(--text);
    font-family: var(--ha-font-family-body, Roboto, Noto, sans-serif);
    font-size: 16px;
    line-height: 1.4;
    -webkit-font-smoothing: antialiased;
  }
  *, *::before, *::after { box-sizing: border-box; }
  .icon { width: 24px; height: 24px; fill: currentColor; flex: none; display: block; }
  button, input, select { font: inherit; color: inherit; }
  button {
    min-height: 44px; min-width: 44px; border: 0; border-radius: 22px; background: transparent; cursor: pointer;
    display: inline-flex; align-items: center; justify-content: center; gap: 8px; padding: 0 10px;
    -webkit-tap-highlight-color: transparent; transition: background-color 0.15s, transform 0.1s;
  }
  button:hover:not(:disabled) { background: color-mix(in srgb, currentColor 8%, transparent); }
  button:active:not(:disabled) { transform: scale(0.96); }
  button:disabled { opacity: 0.4; cursor: default; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .round { width: 44px; padding: 0; border-radius: 50%; }
  .filled { background: var(--accent-fill); color: var(--on-accent); padding: 0 20px; font-weight: 500; }
  .tonal { background: color-mix(in srgb, var(--accent) 14%, transparent); color: var(--text); padding: 0 18px; }
  .green, button.green:hover:not(:disabled) { background: var(--green); color: #fff; }
  .red, button.red:hover:not(:disabled) { background: var(--red); color: #fff; }
  .green:hover:not(:disabled), .red:hover:not(:disabled), .filled:hover:not(:disabled) { filter: brightness(1.12); }
  button.filled:hover:not(:disabled) { background: var(--accent-fill); }
  .call { color: var(--good); }
  .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 500; unicode-bidi: isolate; }
  .more { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--faint); font-size: 14px; }
  .field {
    width: 100%; min-height: 48px; border: 1px solid var(--line); border-radius: 24px; background: var(--card);
    padding: 0 18px; outline-offset: 0;
  }
  select.field {
    appearance: none; padding-inline-end: 44px; text-overflow: ellipsis; background-repeat: no-repeat; background-position: right 16px center; background-size: 20px;
    background-image: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='%23808080' d='M7.4 8.6 12 13.2l4.6-4.6L18 10l-6 6-6-6z'/%3E%3C/svg%3E");
  }
  select.field:dir(rtl) { background-position: left 16px center; }
  .empty { color: var(--faint); text-align: center; padding: 32px 16px; }
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .notice { background: color-mix(in srgb, var(--warn) 18%, var(--card)); border-radius: var(--radius); padding: 12px 16px; font-size: 14px; }
  .trouble { color: var(--bad); font-size: 14px; }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation-duration: 0.01ms !important; animation-iteration-count: 1 !important; transition: none !important; }
  }
`;

/** Rows of people, doors and calls. */
export const rows = css`
  .row { display: flex; align-items: center; gap: 12px; min-height: 60px; padding: 6px 8px 6px 12px; border-radius: var(--radius); content-visibility: auto; contain-intrinsic-size: auto 60px; }
  .row.slim { min-height: 48px; padding-block: 0; contain-intrinsic-size: auto 48px; }
  .row:hover { background: color-mix(in srgb, var(--text) 5%, transparent); }
  .row.chosen { background: color-mix(in srgb, var(--accent) 14%, transparent); }
  .row .what { flex: 1; min-width: 0; text-align: start; }
  .row button.what { justify-content: flex-start; padding: 0; border-radius: 8px; gap: 12px; }
  .row button.what:hover { background: none; }
  .row .text > * { display: block; }
  .more.rings { color: color-mix(in srgb, var(--warn) 55%, var(--text)); font-weight: 500; }
  .row .mine { flex: none; font-size: 12px; color: var(--faint); border: 1px solid var(--line); border-radius: 10px; padding: 0 8px; line-height: 20px; }
  .row button.what > span:last-child { min-width: 0; text-align: start; }
  h2 { font-size: 14px; font-weight: 500; color: var(--faint); margin: 16px 12px 4px; }
  h2::first-letter { text-transform: uppercase; }
`;
