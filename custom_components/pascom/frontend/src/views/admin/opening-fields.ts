/** How a door opens, to be filled in: by its model, by keys, by an address of the station, or by Home Assistant. */

import { html, nothing, type TemplateResult } from "lit";
import { choiceField, textField, type Choice } from "../../components/form/fields";
import type { NewDoor, Way } from "../../data/admin/doors";
import { t } from "../../data/admin/texts";

export function openingFields(door: NewDoor, { ways, faults, set }: { ways: readonly Way[]; faults: Record<string, string>; set: (changes: Partial<NewDoor>) => void }): TemplateResult {
  const choices = ways.map((way): Choice => [way, t(`way_${way}`)]);
  return html`${choiceField({ label: t("opening"), value: door.way, choices, help: t(`way_${door.way}_about`), fault: faults["open"], changed: (way) => set({ way: way as Way }) })}
    ${door.way === "dtmf"
      ? html`<div class="pair">${textField({ label: t("keys"), value: door.code, help: t("keys_about"), fault: faults["code"], changed: (code) => set({ code }) })}
          ${choiceField({ label: t("keys_how"), value: door.how, choices: [["rfc4733", t("keys_rfc4733")], ["info", t("keys_info")], ["inband", t("keys_inband")]], changed: (how) => set({ how }) })}</div>`
      : nothing}
    ${door.way === "http"
      ? html`${textField({ label: t("relay_url"), value: door.url, type: "url", placeholder: "http://192.168.178.20/…", fault: faults["url"], changed: (url) => set({ url }) })}
          <div class="pair">${textField({ label: t("username"), value: door.http_username, changed: (http_username) => set({ http_username }) })}
            ${textField({ label: t("password"), value: door.http_password, type: "password", autocomplete: "new-password", changed: (http_password) => set({ http_password }) })}
            ${choiceField({ label: t("relay_method"), value: door.method, choices: [["GET", "GET"], ["POST", "POST"], ["PUT", "PUT"]], changed: (method) => set({ method }) })}</div>`
      : nothing}`;
}
