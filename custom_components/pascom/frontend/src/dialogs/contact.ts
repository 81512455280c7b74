/** A contact: to be looked at, called, changed, made and removed. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { faces } from "../components/avatar";
import { copy } from "../components/clipboard";
import { contactFace, favouriteKey } from "../components/contact-row";
import { Dialog, dialogs } from "../components/dialog";
import { icon, mdiAccountLock, mdiClose, mdiContentCopy, mdiDelete, mdiDomain, mdiEmail, mdiPencil, mdiPhone, mdiPlus, mdiStar, mdiStarOutline } from "../components/icons";
import { tb } from "../components/phonebook-texts";
import { shared } from "../components/style";
import { refusal } from "../data/link";
import { differences, draftOf, emptyDraft, faultsOf, tidied, type Draft, type Fault, type Wanted } from "../data/phonebook";
import { t } from "../data/texts";
import type { Book, Contact, Label } from "../data/wire";

const LABELS: readonly Label[] = ["mobile", "home", "work", "fax", "other"];
const TEXTS = ["first", "last", "company"] as const;
const MOST_NUMBERS = 10;

@customElement("pascom-contact-dialog")
export class ContactDialog extends Dialog {
  /** Its id, or `new`. */
  @property() contact = "";
  @property({ attribute: false }) begin: { number?: string; name?: string } = {};
  /** Where a new one is meant for. */
  @property() book: Wanted = "all";
  @state() private mode: "show" | "edit" | "delete" = "show";
  @state() private draft: Draft | null = null;
  @state() private faults: ReadonlyMap<string, Fault> = new Map();
  @state() private problem = "";
  @state() private busy = false;
  /** What somebody else has made of it meanwhile; null where they have deleted it. */
  @state() private theirs: Contact | null | undefined = undefined;
  private revision = 0;
  /** What the next new one begins with. */
  private next: Draft | null = null;
  private began = "";

  static override styles = [
    shared,
    dialogs,
    faces,
    css`
      .who { display: grid; justify-items: center; gap: 4px; text-align: center; padding-block-end: 12px; }
      .who p { margin: 0; overflow-wrap: anywhere; unicode-bidi: plaintext; }
      .tag { display: inline-flex; align-items: center; gap: 6px; color: var(--faint); font-size: 14px; margin-top: 4px; }
      .tag .icon { width: 18px; height: 18px; }
      .line { display: flex; align-items: center; gap: 4px; min-height: 56px; border-radius: var(--radius); padding-inline-start: 12px; margin-inline: -12px; }
      .line:hover { background: color-mix(in srgb, var(--text) 5%, transparent); }
      .line > div { flex: 1; min-width: 0; }
      .line .big { overflow-wrap: anywhere; }
      .line a { color: inherit; text-decoration: none; }
      .line a:hover { text-decoration: underline; }
      small { color: var(--faint); font-size: 14px; display: block; }
      .note { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; margin: 12px 0 0; padding: 12px 16px; background: color-mix(in srgb, var(--text) 5%, transparent); border-radius: var(--radius); max-height: 240px; overflow: auto; }
      form { display: grid; gap: 14px; }
      .two { display: grid; grid-template-columns: 1fr 1fr; gap: 14px 12px; }
      .label { display: grid; gap: 4px; font-size: 14px; color: var(--faint); min-width: 0; }
      textarea.field { padding-block: 26px 8px; min-height: 104px; resize: vertical; }
      .number .field[aria-invalid="true"] { box-shadow: inset 0 -2px 0 var(--bad); }
      .number { display: grid; grid-template-columns: minmax(96px, 30%) 1fr 44px; gap: 8px; align-items: center; }
      .numbers { display: grid; gap: 8px; }
      .trouble { margin: 0; }
      fieldset { border: 0; padding: 0; margin: 0; display: grid; gap: 8px; grid-template-columns: 1fr 1fr; }
      legend { font-size: 14px; color: var(--faint); padding: 0 0 4px; }
      .choice { display: flex; gap: 10px; align-items: flex-start; border: 1px solid var(--line); border-radius: var(--radius); padding: 12px; cursor: pointer; color: var(--text); font-size: 16px; grid-auto-flow: column; }
      .choice:has(:checked) { border-color: var(--accent); background: color-mix(in srgb, var(--accent) 10%, transparent); }
      .choice:has(:disabled) { opacity: 0.5; cursor: default; }
      .choice input { width: 20px; height: 20px; margin: 1px 0 0; accent-color: var(--accent); flex: none; }
      .theirs { display: grid; gap: 4px; }
      .theirs dl { margin: 4px 0 0; gap: 4px 12px; }
      .star[aria-pressed="true"] { color: var(--warn); }
      @media (max-width: 420px) { fieldset { grid-template-columns: 1fr; } }
    `,
  ];

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!changed.has("contact")) return;
    this.mode = this.contact === "new" ? "edit" : "show";
    this.problem = "";
    this.theirs = undefined;
    this.faults = new Map();
    this.draft = this.contact === "new" ? (this.next ?? emptyDraft(this.bookForNew, this.begin.number, this.begin.name)) : null;
    this.next = null;
    this.began = JSON.stringify(this.draft);
  }

  protected override get loose(): boolean {
    return this.mode !== "edit" || JSON.stringify(this.draft) === this.began;
  }

  protected override headline(): string {
    if (this.mode === "edit") return this.contact === "new" ? tb("add") : tb("edit_title");
    const { kept } = this;
    if (this.mode === "delete" && kept) return tb("delete_ask", { name: kept.name });
    return "";
  }

  protected override head(): TemplateResult | typeof nothing {
    const { kept } = this;
    if (this.mode !== "show" || kept === undefined) return nothing;
    const key = favouriteKey(kept);
    const favourite = this.house.choices.favourites.includes(key);
    return html`<button class="round star" aria-pressed=${favourite} aria-label=${t("favourite")} title=${t("favourite")} @click=${() => this.house.favour(key)}>${icon(favourite ? mdiStar : mdiStarOutline)}</button>
      ${this.house.phonebook.mayChange(kept)
        ? html`<button class="round" aria-label=${tb("edit")} title=${tb("edit")} @click=${this.edit}>${icon(mdiPencil)}</button>
            <button class="round" aria-label=${tb("delete")} title=${tb("delete")} @click=${() => (this.mode = "delete")}>${icon(mdiDelete)}</button>`
        : nothing}`;
  }

  protected override body(): TemplateResult {
    const { kept } = this;
    if (this.mode === "edit" && this.draft) return this.form(this.draft);
    if (kept === undefined) return html`<p class="empty">${tb("nobody")}</p>`;
    if (this.mode === "delete") return html`<p>${kept.book === "company" ? tb("delete_company") : tb("delete_private")}</p>${this.said()}`;
    return this.card(kept);
  }

  protected override foot(): TemplateResult | typeof nothing {
    if (this.mode === "edit")
      return this.theirs === undefined
        ? html`<footer><button @click=${this.cancel}>${tb("cancel")}</button><button class="filled" ?disabled=${this.busy} @click=${() => void this.save()}>${tb("save")}</button></footer>`
        : html`<footer><button class="tonal" @click=${this.takeTheirs}>${this.theirs ? tb("conflict_theirs") : tb("cancel")}</button>
            <button class="filled" ?disabled=${this.busy} @click=${() => void this.save()}>${this.theirs ? tb("conflict_mine") : tb("save")}</button></footer>`;
    if (this.mode === "delete")
      return html`<footer><button @click=${() => (this.mode = "show")}>${tb("cancel")}</button><button class="red" ?disabled=${this.busy} @click=${() => void this.erase()}>${tb("delete")}</button></footer>`;
    return nothing;
  }

  private get kept(): Contact | undefined {
    return this.contact === "new" ? undefined : this.house.phonebook.get(Number(this.contact));
  }

  private get bookForNew(): Book {
    return this.book === "private" || !this.house.phonebook.writes ? "private" : "company";
  }

  private card(contact: Contact): TemplateResult {
    const { house } = this;
    const dial = (number: string): void => {
      this.close();
      void house.dial(number, contact.name);
    };
    return html`<div class="who">${contactFace(contact, "large")}
        <p class="name" style="font-size:22px;white-space:normal" dir="auto">${contact.name}</p>
        ${contact.company && contact.company !== contact.name ? html`<p>${contact.company}</p>` : nothing}
        <span class="tag">${icon(contact.book === "private" ? mdiAccountLock : mdiDomain)}${tb(`book_${contact.book}`)}</span>
      </div>
      ${contact.numbers.map(({ label, number }) => html`<div class="line">
        <div><span class="big" dir="ltr">${number}</span><small>${tb(`label_${label}`)}</small></div>
        <button class="round" aria-label=${tb("copy_number", { number })} title=${tb("copy_number", { number })} @click=${() => void copy(house, number, this.dialog)}>${icon(mdiContentCopy)}</button>
        <button class="round call" aria-label=${tb("call_number", { number })} title=${tb("call_number", { number })} @click=${() => dial(number)}>${icon(mdiPhone)}</button>
      </div>`)}
      ${contact.email
        ? html`<div class="line"><div><a class="big" href="mailto:${contact.email}" dir="ltr">${contact.email}</a><small>${tb("email")}</small></div>
            <button class="round" aria-label=${tb("copy_number", { number: contact.email })} title=${tb("copy_number", { number: contact.email })} @click=${() => void copy(house, contact.email, this.dialog)}>${icon(mdiContentCopy)}</button>
            <a class="round" style="display:grid;place-items:center;height:44px" href="mailto:${contact.email}" aria-label=${tb("write", { email: contact.email })} title=${tb("write", { email: contact.email })}>${icon(mdiEmail)}</a></div>`
        : nothing}
      ${contact.note ? html`<p class="note">${contact.note}</p>` : nothing}
      ${house.phonebook.mayChange(contact)
        ? nothing
        : html`<p class="notice" style="margin:16px 0 8px">${tb("not_yours")}</p><button class="tonal" @click=${() => this.ownName(contact)}>${icon(mdiAccountLock)}${tb("own_name")}</button>`}`;
  }

  private form(draft: Draft): TemplateResult {
    const fault = (field: string): TemplateResult | typeof nothing => {
      const found = this.faults.get(field);
      return found ? html`<p class="trouble" id="fault-${field.replace(".", "-")}">${tb(`fault_${found}`)}</p>` : nothing;
    };
    const text = (field: (typeof TEXTS)[number], first = false): TemplateResult => html`<label>${tb(field)}
      <input class="field" name=${field} maxlength="200" dir="auto" autocomplete="off" .value=${draft[field]} ?autofocus=${first}
        aria-invalid=${this.faults.has("name")} aria-describedby=${this.faults.has("name") ? "fault-name" : nothing}
        @input=${(event: Event) => this.fill({ [field]: (event.target as HTMLInputElement).value })} /></label>`;
    return html`${this.theirs === undefined ? nothing : this.clash(draft)}${this.said()}
      <form novalidate @submit=${(event: Event) => (event.preventDefault(), void this.save())}>
        <div class="two">${text("first", true)}${text("last")}</div>
        ${text("company")} ${fault("name")}
        <div class="label">${tb("numbers")}<div class="numbers">
          ${draft.numbers.map((each, index) => html`<div class="number">
              <select class="field" aria-label=${tb("kind_of_number")} @change=${(event: Event) => this.number(index, { label: (event.target as HTMLSelectElement).value as Label })}>
                ${LABELS.map((label) => html`<option value=${label} ?selected=${label === each.label}>${tb(`label_${label}`)}</option>`)}</select>
              <input class="field" type="tel" inputmode="tel" maxlength="64" dir="ltr" autocomplete="off" aria-label=${tb("number")} .value=${each.number} aria-invalid=${this.faults.has(`number.${index}`)}
                aria-describedby=${this.faults.has(`number.${index}`) ? `fault-number-${index}` : nothing} @input=${(event: Event) => this.number(index, { number: (event.target as HTMLInputElement).value })} />
              <button type="button" class="round" aria-label=${tb("remove_number")} title=${tb("remove_number")} @click=${() => this.fill({ numbers: draft.numbers.filter((_, other) => other !== index) })}>${icon(mdiClose)}</button>
            </div>${fault(`number.${index}`)}`)}
          ${draft.numbers.length ? nothing : fault("number.0")}
          ${draft.numbers.length < MOST_NUMBERS ? html`<div><button type="button" class="tonal" @click=${this.another}>${icon(mdiPlus)}${tb("add_number")}</button></div>` : nothing}
        </div></div>
        <label>${tb("email")}<input class="field" type="email" inputmode="email" maxlength="200" dir="ltr" autocomplete="off" .value=${draft.email} aria-invalid=${this.faults.has("email")}
          aria-describedby=${this.faults.has("email") ? "fault-email" : nothing} @input=${(event: Event) => this.fill({ email: (event.target as HTMLInputElement).value })} /></label>${fault("email")}
        <label>${tb("note")}<textarea class="field" maxlength="2000" dir="auto" .value=${draft.note} @input=${(event: Event) => this.fill({ note: (event.target as HTMLTextAreaElement).value })}></textarea></label>
        <fieldset><legend>${tb("book")}</legend>
          ${(["company", "private"] as const).map((book) => html`<label class="choice"><input type="radio" name="book" value=${book} .checked=${draft.book === book} ?disabled=${book === "company" && !this.house.phonebook.writes}
            @change=${() => this.fill({ book })} /><span>${tb(`book_${book}`)}<small>${tb(`book_${book}_about`)}</small></span></label>`)}
        </fieldset>
        <button class="hidden" type="submit" tabindex="-1" aria-hidden="true"></button>
      </form>`;
  }

  /** What somebody else has made of it, where it differs. */
  private clash(draft: Draft): TemplateResult {
    const { theirs } = this;
    if (!theirs) return html`<p class="notice" role="alert">${tb("gone")}</p>`;
    const shown = draftOf(theirs);
    return html`<div class="notice theirs" role="alert" style="margin-block-end:14px">${tb("conflict")}
      <dl>${differences(tidied(draft), shown).map((key) => html`<dt>${tb(key as "first")}</dt>
        <dd>${key === "numbers" ? shown.numbers.map(({ label, number }) => html`<div>${tb(`label_${label}`)} <span dir="ltr">${number}</span></div>`) : String(shown[key]) || "–"}</dd>`)}</dl></div>`;
  }

  private said(): TemplateResult | typeof nothing {
    return this.problem ? html`<p class="trouble" role="alert" style="margin-block-end:12px">${this.problem}</p>` : nothing;
  }

  private fill(changes: Partial<Draft>): void {
    if (!this.draft) return;
    this.draft = { ...this.draft, ...changes };
    if (this.faults.size) this.faults = faultsOf(this.draft);
  }

  private number(index: number, changes: Partial<Draft["numbers"][number]>): void {
    this.fill({ numbers: (this.draft?.numbers ?? []).map((each, other) => (other === index ? { ...each, ...changes } : each)) });
  }

  private readonly another = async (): Promise<void> => {
    const { numbers = [] } = this.draft ?? {};
    const label = LABELS.find((each) => !numbers.some((number) => number.label === each)) ?? "other";
    this.fill({ numbers: [...numbers, { label, number: "" }] });
    await this.updateComplete;
    [...this.renderRoot.querySelectorAll<HTMLInputElement>('input[type="tel"]')].at(-1)?.focus();
  };

  private readonly edit = (): void => {
    const { kept } = this;
    if (!kept) return;
    this.revision = kept.revision;
    this.draft = draftOf(kept);
    this.began = JSON.stringify(this.draft);
    this.faults = new Map();
    this.theirs = undefined;
    this.mode = "edit";
  };

  private readonly cancel = (): void => {
    this.problem = "";
    if (this.contact === "new") this.close();
    else this.mode = "show";
  };

  /** A private contact of the same numbers goes before this one, for whoever made it. */
  private ownName(contact: Contact): void {
    this.next = { ...draftOf(contact), book: "private" };
    this.dispatchEvent(new CustomEvent("made", { detail: "new" }));
  }

  private readonly takeTheirs = (): void => {
    if (!this.theirs) this.close();
    this.theirs = undefined;
    this.mode = "show";
  };

  private async save(): Promise<void> {
    const { draft, house } = this;
    if (!draft || this.busy) return;
    this.faults = faultsOf(draft);
    this.problem = "";
    if (this.faults.size) {
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    this.busy = true;
    try {
      const made = this.contact === "new" || this.theirs === null;
      const kept = made ? await house.phonebook.add(tidied(draft)) : await house.phonebook.update(Number(this.contact), this.theirs?.revision ?? this.revision, tidied(draft));
      this.theirs = undefined;
      this.mode = "show";
      if (made) this.dispatchEvent(new CustomEvent("made", { detail: kept.id }));
      house.say(tb("saved"));
    } catch (error) {
      await this.refused(error);
    }
    this.busy = false;
  }

  private async refused(error: unknown): Promise<void> {
    const { code, message } = refusal(error);
    if (code !== "conflict" && code !== "not_found") {
      this.problem = message;
      return;
    }
    try {
      this.theirs = (await this.house.phonebook.fresh(Number(this.contact))) ?? null;
      await this.updateComplete;
      this.renderRoot.querySelector(".body")?.scrollTo({ top: 0 });
    } catch (again) {
      this.problem = refusal(again).message;
    }
  }

  private async erase(): Promise<void> {
    const { kept, house } = this;
    if (!kept) return;
    this.busy = true;
    try {
      await house.phonebook.remove(kept.id);
      const key = favouriteKey(kept);
      if (house.choices.favourites.includes(key)) house.favour(key);
      house.say(tb("deleted", { name: kept.name }));
      this.close();
    } catch (error) {
      if (refusal(error).code === "not_found") this.close();
      else this.problem = refusal(error).message;
    }
    this.busy = false;
  }
}
