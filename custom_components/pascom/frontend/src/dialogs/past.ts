/** One entry of the journal with all that is known of it. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { copy } from "../components/clipboard";
import { Dialog, dialogs } from "../components/dialog";
import { faces } from "../components/avatar";
import { icon, mdiAccountPlus, mdiBookAccount, mdiContentCopy, mdiDoorClosed, mdiPhone } from "../components/icons";
import { tj } from "../components/journal-texts";
import { copyText, dialable, nameOf, outcomeText, wayText } from "../components/past-row";
import { shared } from "../components/style";
import { length } from "../data/format";
import type { Past } from "../data/journal";
import { digits } from "../data/search";
import { t } from "../data/texts";
import type { Contact, Image, LineQuality } from "../data/wire";

@customElement("pascom-past-dialog")
export class PastDialog extends Dialog {
  @property({ attribute: false }) past!: Past;
  /** What happened at the same ring. */
  @property({ attribute: false }) related: readonly Past[] = [];
  @state() private picture: Image | null = null;

  static override styles = [
    shared,
    dialogs,
    faces,
    css`
      img { display: block; width: 100%; max-height: 320px; object-fit: contain; background: #101418; border-radius: var(--radius); margin-block: 4px 12px; }
      .number { display: flex; align-items: center; gap: 4px; margin-block: -10px; }
      .number > span { overflow-wrap: anywhere; }
      small { display: block; color: var(--faint); font-size: 14px; }
    `,
  ];

  protected override headline(): string {
    return nameOf(this.house, this.past);
  }

  protected override arrived(): void {
    const { past } = this;
    if (past.way === "ring")
      void this.house.ask<Image | null>("door/visitor", { door: past.door, entry: past.id }).then((picture) => (this.picture = picture), () => undefined);
    if (past.number) void this.house.phonebook.load();
  }

  protected override body(): TemplateResult {
    const { past, house } = this;
    const { store } = house;
    const row = (title: string, text: string | TemplateResult): TemplateResult | typeof nothing => (text ? html`<dt>${title}</dt><dd>${text}</dd>` : nothing);
    const opened = this.related.filter((each) => each.way === "opening" && !each.reason);
    return html`${this.picture ? html`<img src="data:${this.picture.content_type};base64,${this.picture.data}" alt=${tj("visitor_at", { at: house.format.moment(past.at) })} />` : nothing}
      <dl>
        ${row(tj("way"), [wayText(past), past.outcome !== "answered" && past.way !== "missed" ? outcomeText(past) : ""].filter((text, index, all) => text && all.indexOf(text) === index).join(" · "))}
        ${row(tj("when"), house.format.full(past.at))}
        ${past.seconds ? row(tj("lasted"), length(past.seconds)) : nothing}
        ${past.by ? row(past.way === "opening" ? tj("opened_door") : tj("who_answered"), store.nameOf(past.by)) : nothing}
        ${opened.map((each) => row(tj("opened_door"), `${store.nameOf(each.by) || t("unknown")}, ${house.format.clock(each.at)}`))}
        ${row(tj("button"), past.button)}
        ${past.number
          ? row(tj("number"), html`<div class="number"><span dir="ltr">${past.number}</span>
              <button class="round" aria-label=${tj("copy_number")} title=${tj("copy_number")} @click=${() => void copy(house, past.number, this.dialog)}>${icon(mdiContentCopy)}</button></div>`)
          : nothing}
        ${past.way === "opening" || past.outcome === "failed" ? row(tj("reason"), past.reason) : nothing}
        ${past.quality ? row(tj("line"), html`${tj(`line_${past.quality}`)}${this.facts()}`) : nothing}
      </dl>`;
  }

  protected override foot(): TemplateResult {
    const { past, house } = this;
    const name = nameOf(house, past);
    const contact = this.contact;
    return html`<footer>
      <button class="apart" @click=${() => void copy(house, copyText(house, past), this.dialog)}>${icon(mdiContentCopy)}${t("copy_details")}</button>
      ${past.door ? html`<button class="tonal" @click=${() => this.show({ door: past.door })}>${icon(mdiDoorClosed)}${tj("show_door")}</button>` : nothing}
      ${past.number && dialable(past.number)
        ? html`${past.user
              ? nothing
              : contact
                ? html`<button class="tonal" @click=${() => this.show({ contact: String(contact.id) })}>${icon(mdiBookAccount)}${tj("show_contact")}</button>`
                : html`<button class="tonal" @click=${() => this.show({ contact: "new", number: past.number, name: name === past.number ? "" : name })}>${icon(mdiAccountPlus)}${tj("save_contact")}</button>`}
            <button class="green" autofocus @click=${() => (this.close(), void house.dial(past.number, name))}>${icon(mdiPhone)}${t("call_back")}</button>`
        : nothing}
    </footer>`;
  }

  /** Who has this number, or by the name of whom the PBX knows it however it is written there. */
  private get contact(): Contact | undefined {
    const { number } = this.past;
    const { phonebook, names } = this.house;
    const same = phonebook.find(number).find(({ numbers }) => numbers.some((each) => digits(each.number) === digits(number)));
    const known = names.of(number);
    return same ?? (known ? phonebook.contacts.find(({ name }) => name === known) : undefined);
  }

  private facts(): TemplateResult | typeof nothing {
    const lines = this.past.lines.filter(({ received, lost }) => received + lost > 0);
    if (!lines.length) return nothing;
    const share = ({ received, lost }: LineQuality): number => Math.max(0, lost) / (received + Math.max(0, lost));
    const lost = Math.max(...lines.map(share)) * 100;
    return html`<small>${tj("line_facts", { lost: lost.toFixed(lost && lost < 10 ? 1 : 0), jitter: Math.round(Math.max(...lines.map(({ jitter }) => jitter))) })}</small>`;
  }

  private show(detail: object): void {
    this.close();
    this.dispatchEvent(new CustomEvent("show", { detail, bubbles: true, composed: true }));
  }
}
