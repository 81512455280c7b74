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
    /* Of what is smaller than a card, and never rounder than one. */
    --small: min(var(--ha-border-radius-md, 8px), var(--radius));
    --fill: var(--ha-color-form-background, color-mix(in srgb, var(--text) 5%, transparent));
    --tint: color-mix(in srgb, var(--accent) 15%, transparent);
    --raised: var(--ha-box-shadow-m, 0 4px 16px rgba(0, 0, 0, 0.2));
    color: var(--text);
    font-family: var(--ha-font-family-body, Roboto, Noto, sans-serif);
    font-size: 16px;
    line-height: 1.4;
    -webkit-font-smoothing: antialiased;
  }
  *, *::before, *::after { box-sizing: border-box; }
  .icon { width: 24px; height: 24px; fill: currentColor; flex: none; display: block; }
  :host(:dir(rtl)) .icon.turns { transform: scaleX(-1); }
  button, input, select { font: inherit; color: inherit; }
  button {
    min-height: 44px; min-width: 44px; border: 0; border-radius: 22px; background: transparent; cursor: pointer;
    display: inline-flex; align-items: center; justify-content: center; gap: 8px; padding: 0 10px;
    -webkit-tap-highlight-color: transparent; transition: background-color 0.15s, transform 0.1s;
  }
  button:hover:not(:disabled) { background: color-mix(in srgb, currentColor 8%, transparent); }
  button:active:not(:disabled) { transform: scale(0.98); }
  button:disabled { opacity: 0.4; cursor: default; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .round { width: 44px; padding: 0; border-radius: 50%; }
  .filled, .tonal, .plain { font-size: 14px; font-weight: 500; padding: 0 20px; }
  .filled:has(.icon), .tonal:has(.icon), .plain:has(.icon) { padding-inline-start: 14px; }
  .filled { background: var(--accent-fill); color: var(--on-accent); }
  .tonal { background: var(--tint); color: color-mix(in srgb, var(--accent) 35%, var(--text)); }
  .plain { color: var(--accent-text); }
  .green, button.green:hover:not(:disabled) { background: var(--green); color: #fff; }
  .red, button.red:hover:not(:disabled) { background: var(--red); color: #fff; }
  .green:hover:not(:disabled), .red:hover:not(:disabled), .filled:hover:not(:disabled) { filter: brightness(1.12); }
  button.filled:hover:not(:disabled) { background: var(--accent-fill); }
  .call { color: var(--good); }
  .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 500; }
  .more { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--faint); font-size: 14px; }
  /* Written as its letters are, and cut at its end, wherever one reads from. */
  .name, .more { unicode-bidi: plaintext; text-align: -webkit-match-parent; text-align: match-parent; }
  .name bdi { unicode-bidi: normal; }
  .field {
    width: 100%; min-height: 48px; border: 0; border-radius: 4px 4px 0 0; background-color: var(--fill); padding: 0 16px; outline-offset: 0;
    box-shadow: inset 0 -1px 0 color-mix(in srgb, var(--text) 42%, transparent); transition: box-shadow 0.15s, background-color 0.15s; text-overflow: ellipsis;
  }
  .field:hover:not(:disabled) { background-color: color-mix(in srgb, var(--text) 4%, var(--fill)); }
  .field:focus-visible { outline: 0; box-shadow: inset 0 -2px 0 var(--accent); }
  .field:disabled { opacity: 0.5; }
  .field::placeholder { color: var(--faint); opacity: 1; }
  select.field {
    appearance: none; padding-inline-end: 40px; cursor: pointer; background-repeat: no-repeat; background-size: 5px 5px;
    background-image: linear-gradient(45deg, transparent 50%, var(--faint) 50%), linear-gradient(-45deg, transparent 50%, var(--faint) 50%);
    background-position: calc(100% - 21px) 52%, calc(100% - 16px) 52%;
  }
  :host(:dir(rtl)) select.field { background-position: 16px 52%, 21px 52%; }
  option, optgroup { background: var(--card); color: var(--text); }
  /* A field with its name inside, as forms of Home Assistant have them. */
  label:has(> .field) {
    display: grid; grid-template-columns: minmax(0, 1fr); gap: 0; padding: 8px 16px 0; min-width: 0; border-radius: 4px 4px 0 0; background: var(--fill); color: var(--faint);
    font-size: 12px; line-height: 16px; box-shadow: inset 0 -1px 0 color-mix(in srgb, var(--text) 42%, transparent); transition: box-shadow 0.15s, background-color 0.15s;
  }
  label:has(> .field:not(:disabled)):hover { background: color-mix(in srgb, var(--text) 4%, var(--fill)); }
  label:has(> .field:focus-visible) { box-shadow: inset 0 -2px 0 var(--accent); color: var(--accent-text); }
  label:has(> .field[aria-invalid="true"]) { box-shadow: inset 0 -2px 0 var(--bad); }
  label > .field, label > .field:hover:not(:disabled) { margin: -24px -16px 0; padding-block: 22px 4px; width: auto; min-height: 56px; font-size: 16px; line-height: 1.4; color: var(--text); background-color: transparent; box-shadow: none; }
  label > select.field { background-position-y: 50%; }
  .find { position: relative; flex: 1; min-width: 0; }
  .find > .icon { position: absolute; inset-inline-start: 12px; inset-block-start: 10px; color: var(--faint); pointer-events: none; }
  .search { width: 100%; min-height: 44px; border: 1px solid var(--line); border-radius: var(--small); background: var(--card); padding: 0 12px; outline-offset: -1px; text-overflow: ellipsis; }
  /* The glass stands where the page begins, whichever way is written in the field. */
  .find > .search { padding: 0 12px 0 46px; }
  :host(:dir(rtl)) .find > .search { padding: 0 46px 0 12px; }
  .search:hover { border-color: color-mix(in srgb, var(--text) 24%, transparent); }
  .search:focus-visible { outline: 2px solid var(--accent); }
  .search::placeholder { color: var(--faint); opacity: 1; }
  input[type="range"] { appearance: none; width: 100%; min-height: 44px; margin: 0; background: transparent; cursor: pointer; }
  input[type="range"]::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: color-mix(in srgb, var(--text) 24%, transparent); }
  input[type="range"]::-moz-range-track { height: 4px; border-radius: 2px; background: color-mix(in srgb, var(--text) 24%, transparent); }
  input[type="range"]::-webkit-slider-thumb { appearance: none; width: 20px; height: 20px; margin-top: -8px; border-radius: 50%; background: var(--accent); border: 0; }
  input[type="range"]::-moz-range-thumb { width: 20px; height: 20px; border-radius: 50%; background: var(--accent); border: 0; }
  .filters { --along: to right; display: flex; gap: 8px; overflow-x: auto; flex: none; scrollbar-width: none; }
  :host(:dir(rtl)) .filters { --along: to left; }
  .filters button { position: relative; z-index: 0; flex: none; padding: 0 12px; font-size: 14px; font-weight: 500; border-radius: var(--small); min-width: 0; }
  .filters button:hover:not(:disabled) { background: none; }
  /* What is seen is less high than what a finger may press. */
  .filters button::before { content: ""; position: absolute; inset: 5px 0; z-index: -1; border: 1px solid var(--line); border-radius: inherit; transition: background-color 0.15s; }
  .filters button:hover::before { background: color-mix(in srgb, var(--text) 5%, transparent); }
  .filters button[aria-pressed="true"]::before { background: var(--tint); border-color: transparent; }
  .filters button:focus-visible { outline-offset: -3px; }
  .filters .icon { width: 18px; height: 18px; }
  .filters small { color: var(--faint); font-size: 12px; font-variant-numeric: tabular-nums; }
  /* Where there is more than fits, it fades out instead of being cut. */
  @supports (animation-timeline: scroll()) {
    .filters { animation: more-beside linear both; animation-timeline: scroll(self inline); }
    @keyframes more-beside {
      0% { mask-image: linear-gradient(var(--along), #000 calc(100% - 40px), transparent); }
      2%, 97% { mask-image: linear-gradient(var(--along), transparent, #000 32px calc(100% - 40px), transparent); }
      99%, 100% { mask-image: linear-gradient(var(--along), transparent, #000 32px); }
    }
  }
  .card { background: var(--ha-card-background, var(--card)); border-radius: var(--radius); border: 1px solid var(--ha-card-border-color, var(--line)); box-shadow: var(--ha-card-box-shadow, none); }
  .empty { color: var(--faint); text-align: center; padding: 32px 16px; margin: 0; text-wrap: balance; }
  .empty > .icon { width: 48px; height: 48px; margin: 0 auto 12px; opacity: 0.4; }
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .notice { background: color-mix(in srgb, var(--warn) 14%, var(--card)); border-radius: 4px; padding: 12px 16px; font-size: 14px; }
  .trouble { color: var(--bad); font-size: 14px; }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation-duration: 0.01ms !important; animation-iteration-count: 1 !important; transition: none !important; }
  }
`;

/** Rows of people, doors and calls. */
export const rows = css`
  .row { display: flex; align-items: center; gap: 12px; min-height: 60px; padding: 6px 8px 6px 12px; border-radius: var(--small); content-visibility: auto; contain-intrinsic-size: auto 60px; }
  .row.slim { min-height: 48px; padding-block: 0; contain-intrinsic-size: auto 48px; }
  .row:hover { background: color-mix(in srgb, var(--text) 5%, transparent); }
  .row.chosen { background: var(--tint); }
  .row .what { flex: 1; min-width: 0; text-align: start; }
  .row button.what { justify-content: flex-start; padding: 0; border-radius: 8px; gap: 12px; }
  .row button.what:hover { background: none; }
  .row .text > * { display: block; }
  .more.rings { color: color-mix(in srgb, var(--warn) 55%, var(--text)); font-weight: 500; }
  .row .mine { flex: none; font-size: 12px; color: var(--faint); border: 1px solid var(--line); border-radius: 10px; padding: 0 8px; line-height: 20px; }
  .row button.what > span:last-child { min-width: 0; text-align: start; }
  h2 { font-size: 14px; font-weight: 500; color: var(--faint); margin: 12px 12px 4px; }
  h2::first-letter { text-transform: uppercase; }
`;

/** The page of one door, room or team: its name, what can be done, cards below. */
export const places = css`
  :host { display: block; overflow-y: auto; }
  .all { padding: 16px; max-width: 792px; margin-inline: auto; display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
  .head { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; justify-content: space-between; }
  h1 { font-size: 24px; font-weight: 400; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
  /* A phone's bar says it. */
  @media (max-width: 699px) { h1 { display: none; } }
`;
