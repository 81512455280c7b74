/** What was, as a row: who, what, when; more of it by a click, and a call back. */

import { css, html, nothing, type TemplateResult } from "lit";
import { length } from "../data/format";
import type { House } from "../data/house";
import type { Past, Way } from "../data/journal";
import { t } from "../data/texts";
import { Visitors } from "../data/visitors";
import { icon, mdiBell, mdiDoorOpen, mdiPhone, mdiPhoneIncoming, mdiPhoneMissed, mdiPhoneOutgoing } from "./icons";
import { tj } from "./journal-texts";
import "./visitor";

const SYMBOLS: Record<Way, string> = { in: mdiPhoneIncoming, out: mdiPhoneOutgoing, missed: mdiPhoneMissed, ring: mdiBell, opening: mdiDoorOpen };

export const ways = css`
  .way { flex: none; width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; color: var(--faint); background: color-mix(in srgb, currentColor 12%, transparent); }
  .way .icon { width: 22px; height: 22px; }
  .way.in { color: var(--good); }
  .way.missed, .way.failed { color: var(--bad); }
  .way.opening { color: var(--accent-text); }
  .when { flex: none; color: var(--faint); font-size: 14px; font-variant-numeric: tabular-nums; text-align: end; }
`;

/** Who was at the other side: one of us, a name of the phonebooks, what the network said, else the number. */
export function nameOf(house: House, past: Past): string {
  if (past.door) return house.store.nameOf(past.door);
  // Who has left the house is called as they were then.
  if (past.user) return house.store.user(past.user)?.display_name || past.name || past.user;
  return house.names.of(past.number) || past.name || house.store.nameOfNumber(past.number) || past.number || t("unknown");
}

export function wayText(past: Past): string {
  return past.way === "ring" || past.way === "opening" ? tj(`way_${past.way}`) : t(`way_${past.way}`);
}

/** What there is to say besides who and when. */
export function aboutOf(house: House, past: Past): string {
  const by = past.by ? house.store.nameOf(past.by) : "";
  if (past.way === "opening") return past.reason ? tj("open_failed") : tj("opened_by", { by: by || t("unknown") });
  if (past.way === "ring") return [past.button || tj("rang"), by ? t("answered_by", { by }) : past.outcome === "missed" ? tj("rang_missed") : ""].filter(Boolean).join(" · ");
  const name = nameOf(house, past);
  return [
    wayText(past),
    past.way === "out" && past.outcome !== "answered" ? outcomeText(past) : "",
    past.seconds ? length(past.seconds) : "",
    past.way === "in" && past.by && past.by !== house.store.me.user ? t("answered_by", { by }) : "",
    past.number && past.number !== name ? `\u2066${past.number}\u2069` : "",
  ].filter(Boolean).join(" · ");
}

const OUTCOMES = new Set(["missed", "busy", "refused", "failed", "cancelled"]);

export function outcomeText(past: Past): string {
  return OUTCOMES.has(past.outcome) ? tj(`outcome_${past.outcome}` as "outcome_missed") : "";
}

export function dialable(number: string): boolean {
  return /\d/.test(number);
}

/** All of it in one line, to be pasted somewhere. */
export function copyText(house: House, past: Past): string {
  return [nameOf(house, past), past.number, house.format.full(past.at), aboutOf(house, past)].filter(Boolean).join(", ");
}

const seen = new WeakMap<House, Visitors>();

/** Who stood at the door, small. */
function picture(house: House, past: Past): TemplateResult {
  let visitors = seen.get(house);
  if (visitors === undefined) seen.set(house, (visitors = new Visitors(house.ask)));
  const known = visitors;
  return html`<pascom-visitor small .label=${tj("visitor_at", { at: house.format.moment(past.at) })} .fetch=${() => known.picture(past)}></pascom-visitor>`;
}

export function pastRow(house: House, past: Past, given: { open: (past: Past) => void; day?: boolean; chosen?: boolean }): TemplateResult {
  const name = nameOf(house, past);
  const failed = past.way === "opening" && past.reason ? "failed" : past.way === "ring" && past.outcome === "missed" ? "missed" : "";
  return html`<div class="row ${given.chosen ? "chosen" : ""}">
    <button class="what" @click=${() => given.open(past)}>
      <span class="way ${past.way} ${failed}" aria-hidden="true">${icon(SYMBOLS[past.way])}</span>
      <span class="text"><span class="name" title=${name}><bdi>${name}</bdi></span><span class="more">${aboutOf(house, past)}</span><span class="hidden">${house.format.moment(past.at)}</span></span>
    </button>
    <span class="when" aria-hidden="true">${given.day ? html`${house.format.date(past.at)}<br />` : nothing}${house.format.clock(past.at)}</span>
    ${past.pictured ? picture(house, past) : past.number && dialable(past.number)
      ? html`<button class="round call" aria-label=${t("call_name", { name })} title=${`${t("call_back")} ${past.number}`} @click=${() => void house.dial(past.number, name)}>${icon(mdiPhone)}</button>`
      : html`<span class="round"></span>`}
  </div>`;
}
