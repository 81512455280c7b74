/** A call of the past as a row: who, when, how long; call back, copy. */

import { html, nothing, type TemplateResult } from "lit";
import type { House } from "../data/house";
import type { Past } from "../data/journal";
import { length } from "../data/format";
import { t } from "../data/texts";
import { icon, mdiContentCopy, mdiPhone, mdiPhoneIncoming, mdiPhoneMissed, mdiPhoneOutgoing } from "./icons";

const SYMBOLS = { in: mdiPhoneIncoming, out: mdiPhoneOutgoing, missed: mdiPhoneMissed } as const;

export function pastRow(house: House, past: Past): TemplateResult {
  const name = past.name || house.store.nameOfNumber(past.number) || past.number || t("unknown");
  const by = past.way === "in" && past.by && past.by !== house.store.me.user ? ` · ${t("answered_by", { by: house.store.nameOf(past.by) })}` : "";
  const lasted = past.seconds ? ` · ${length(past.seconds)}` : "";
  const details = `${t(`way_${past.way}`)} · ${house.format.clock(past.at)}${lasted}${by}`;
  return html`<div class="row">
    <span class="way ${past.way}" title=${t(`way_${past.way}`)}>${icon(SYMBOLS[past.way])}</span>
    <span class="what"><span class="name" style="display:block" title=${name}>${name}</span>
      <span class="more" style="display:block">${details}</span></span>
    <button class="round" aria-label=${t("copy_details")} title=${t("copy_details")} @click=${() => void copy(house, `${name}, ${past.number}, ${house.format.moment(past.at)}, ${details}`)}>${icon(mdiContentCopy)}</button>
    ${past.number && /\d/.test(past.number)
      ? html`<button class="round call" aria-label=${t("call_name", { name })} title=${`${t("call_back")} ${past.number}`} @click=${() => void house.dial(past.number, name)} @contextmenu=${(event: Event) => (event.preventDefault(), void copy(house, past.number))}>${icon(mdiPhone)}</button>`
      : nothing}
  </div>`;
}

/** Pages that came by http have no clipboard of their own; the old way works everywhere. */
async function copy(house: House, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  house.say(t("copied"));
}
