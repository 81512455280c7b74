/** A contact of the phonebooks as a row: the same in the phonebook and in the search. */

import { html, nothing, type TemplateResult } from "lit";
import type { House } from "../data/house";
import { t } from "../data/texts";
import type { Contact } from "../data/wire";
import { face } from "./avatar";
import { icon, mdiDomain, mdiPhone, mdiStar, mdiStarOutline } from "./icons";
import { tb } from "./phonebook-texts";

export function favouriteKey(contact: Contact): string {
  return `contact:${contact.id}`;
}

/** Which number and of which company. */
export function contactLine(contact: Contact): string {
  const [first, ...others] = contact.numbers;
  const number = first ? `\u2066${first.number}\u2069${others.length ? ` +${others.length}` : ""}` : contact.email;
  return [contact.company !== contact.name ? contact.company : "", number].filter(Boolean).join(" · ");
}

/** A company has no initials of a person. */
export function contactFace(contact: Contact, size: "" | "slim" | "large" = ""): TemplateResult {
  return face(contact.name, { size, ...(contact.first || contact.last ? {} : { symbol: mdiDomain }) });
}

export function contactRow(house: House, contact: Contact, given: { open: () => void; line?: string; chosen?: boolean; star?: boolean }): TemplateResult {
  const { name } = contact;
  const number = contact.numbers.find(({ label }) => label !== "fax")?.number ?? "";
  const favourite = house.choices.favourites.includes(favouriteKey(contact));
  return html`<div class="row ${given.chosen ? "chosen" : ""}">
    <button class="what" @click=${given.open}>${contactFace(contact)}
      <span class="text"><span class="name" title=${name}><bdi>${name}</bdi></span><span class="more">${given.line ?? contactLine(contact)}</span></span></button>
    ${contact.book === "private" ? html`<span class="mine">${tb("private")}</span>` : nothing}
    ${given.star
      ? html`<button class="round star" aria-pressed=${favourite} aria-label=${t("favourite_name", { name })} title=${t("favourite")} @click=${() => house.favour(favouriteKey(contact))}>${icon(favourite ? mdiStar : mdiStarOutline)}</button>`
      : nothing}
    ${number
      ? html`<button class="round call" aria-label=${t("call_name", { name })} title=${`${t("call")} ${number}`} @click=${() => void house.dial(number, name)}>${icon(mdiPhone)}</button>`
      : html`<span class="round"></span>`}
  </div>`;
}
