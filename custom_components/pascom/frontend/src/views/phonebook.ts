/** The phonebooks: the company's and one's own, by name. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { faces } from "../components/avatar";
import { contactRow } from "../components/contact-row";
import { Part } from "../components/element";
import { icon, mdiAlertCircleOutline, mdiBookAccount, mdiDotsVertical, mdiDownload, mdiFileUpload, mdiMagnify, mdiPlus } from "../components/icons";
import { tb } from "../components/phonebook-texts";
import { skeleton, skeletons } from "../components/skeleton";
import { rows, shared } from "../components/style";
import { virtual, type VirtualList } from "../components/virtual-list";
import "../components/virtual-list";
import "../dialogs/contact";
import "../dialogs/export";
import "../dialogs/import";
import { letterOf, type Wanted } from "../data/phonebook";
import { t } from "../data/texts";
import type { Contact } from "../data/wire";

const BOOKS: readonly Wanted[] = ["all", "company", "private"];

@customElement("pascom-phonebook")
export class PhonebookView extends Part {
  /** The contact that is shown, `new`, or nothing. */
  @property() contact = "";
  /** What a new contact begins with. */
  @property({ attribute: false }) begin: { number?: string; name?: string } = {};
  @state() private question = "";
  @state() private book: Wanted = "all";
  @state() private open: "" | "import" | "export" = "";
  @state() private dropped: File | null = null;
  @state() private over = false;
  @query("pascom-virtual-list") private readonly list!: VirtualList<Contact> | null;
  @query("input") private readonly input!: HTMLInputElement | null;

  static override styles = [
    shared,
    rows,
    faces,
    virtual,
    skeletons,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; position: relative; }
      .bar { display: flex; gap: 8px; padding: 12px 16px 0; width: 100%; max-width: 792px; margin-inline: auto; align-items: center; flex: none; }
      .filters { padding: 4px 16px 8px; width: 100%; max-width: 792px; margin-inline: auto; }
      .star { color: var(--faint); }
      @media (hover: hover) {
        .row:not(:hover):not(:focus-within) .star[aria-pressed="false"] { position: absolute; opacity: 0; pointer-events: none; }
      }
      .star[aria-pressed="true"] { color: var(--warn); }
      details { position: relative; flex: none; margin-inline: -4px -8px; }
      summary { list-style: none; width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; cursor: pointer; }
      summary::-webkit-details-marker { display: none; }
      summary:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
      .menu { position: absolute; z-index: 3; inset-inline-end: 0; inset-block-start: 48px; background: var(--card); border: 1px solid var(--line); border-radius: var(--small); box-shadow: var(--raised); padding: 4px; min-width: 200px; }
      .menu button { width: 100%; justify-content: flex-start; border-radius: 4px; padding: 0 16px; font-size: 14px; gap: 16px; white-space: nowrap; }
      .add { flex: none; }
      .wait { padding: 0 16px; width: 100%; max-width: 792px; margin-inline: auto; }
      .invite { display: flex; gap: 8px; justify-content: center; flex-wrap: wrap; padding: 0 16px; }
      .drop { position: absolute; inset: 8px; z-index: 4; border: 2px dashed var(--accent); border-radius: var(--radius); background: color-mix(in srgb, var(--accent) 16%, var(--page)); display: grid; place-items: center; font-size: 18px; pointer-events: none; }
      @container (max-width: 480px) { .filled.add { padding: 0; width: 44px; } .add span { display: none; } }
      .top { container-type: inline-size; flex: none; position: relative; z-index: 2; }
    `,
  ];

  protected override arrived(): void {
    void this.house.phonebook.load();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("dragover", this.dragged);
    this.addEventListener("dragleave", this.leftDrop);
    this.addEventListener("drop", this.drop);
  }

  protected override render(): TemplateResult {
    const { phonebook, store } = this.house;
    const found = phonebook.find(this.question, this.book);
    const count = (book: Wanted): number => (book === "all" ? phonebook.contacts.length : phonebook.find("", book).length);
    return html`<div class="top"><div class="bar">
        <div class="find" role="search" aria-label=${t("phonebook")}>${icon(mdiMagnify)}
          <input class="search" type="search" autocomplete="off" spellcheck="false" dir="auto" aria-label=${tb("find")} placeholder=${tb("find")} .value=${this.question} @input=${this.typed} @keydown=${this.key} /></div>
        <button class="filled add" aria-label=${tb("add")} title=${tb("add")} @click=${() => this.go("new")}>${icon(mdiPlus)}<span>${tb("add")}</span></button>
        <details @focusout=${this.away} @keydown=${this.shut}>
          <summary role="button" aria-label=${tb("more_actions")} title=${tb("more_actions")}>${icon(mdiDotsVertical)}</summary>
          <div class="menu">
            <button @click=${() => this.start("import")}>${icon(mdiFileUpload)}${tb("import")}</button>
            <button ?disabled=${!phonebook.contacts.length} @click=${() => this.start("export")}>${icon(mdiDownload)}${tb("export")}</button>
          </div>
        </details>
      </div>
      <div class="filters" role="group" aria-label=${t("filters")}>
        ${BOOKS.map((book) => html`<button aria-pressed=${this.book === book} @click=${() => this.choose(book)}>${book === "all" ? t("filter_all") : book === "company" ? tb("filter_company") : tb("private")}
          ${phonebook.phase === "ready" ? html`<small>${count(book).toLocaleString(this.house.language || "en")}</small>` : nothing}</button>`)}
      </div></div>
      ${phonebook.problem && phonebook.contacts.length && store.phase !== "away" ? html`<p class="notice" role="status" style="margin:0 12px 8px">${tb("stale")}</p>` : nothing}
      ${found.length
        ? html`<pascom-virtual-list .items=${found} .key=${keyOf} .group=${groupOf} .heading=${this.question ? null : groupOf} .row=${this.row} .also=${{}} .label=${t("phonebook")} place="phonebook" @above=${() => this.input?.focus()}></pascom-virtual-list>`
        : this.nothing()}
      ${this.over ? html`<div class="drop">${tb("import_drop")}</div>` : nothing}
      ${this.dialog()}`;
  }

  private nothing(): TemplateResult {
    const { phonebook } = this.house;
    if (phonebook.phase === "failed")
      return html`<div class="empty" role="alert">${icon(mdiAlertCircleOutline)}${phonebook.problem}</div><div class="invite"><button class="tonal" @click=${() => void phonebook.load()}>${t("try_again")}</button></div>`;
    if (phonebook.phase !== "ready") return html`<div class="wait">${skeleton(tb("loading"))}</div>`;
    if (this.question || this.book !== "all") return html`<div class="empty" role="status">${icon(mdiMagnify)}${t("nothing_found")}</div>`;
    return html`<div class="empty">${icon(mdiBookAccount)}${tb("empty")}</div><div class="invite"><button class="tonal" @click=${() => this.start("import")}>${icon(mdiFileUpload)}${tb("import")}</button></div>`;
  }

  private dialog(): TemplateResult | typeof nothing {
    const { house } = this;
    if (this.open === "import")
      return html`<pascom-import-dialog .house=${house} .file=${this.dropped} .book=${this.book === "company" && house.phonebook.writes ? "company" : "private"} @closed=${this.closed}></pascom-import-dialog>`;
    if (this.open === "export")
      return html`<pascom-export-dialog .house=${house} .book=${this.book === "private" ? "private" : "company"} @closed=${this.closed}></pascom-export-dialog>`;
    if (!this.contact || house.phonebook.phase === "idle" || house.phonebook.phase === "loading") return nothing;
    return html`<pascom-contact-dialog .house=${house} .contact=${this.contact} .begin=${this.begin} .book=${this.book} @closed=${() => this.go("")} @made=${({ detail }: CustomEvent<number>) => this.go(String(detail))}></pascom-contact-dialog>`;
  }

  private readonly row = (contact: Contact): TemplateResult => contactRow(this.house, contact, { star: true, open: () => this.go(String(contact.id)) });

  private go(contact: string): void {
    this.dispatchEvent(new CustomEvent("show", { detail: { contact }, bubbles: true, composed: true }));
  }

  private choose(book: Wanted): void {
    this.book = book;
    this.list?.begin();
  }

  private start(what: "import" | "export", file: File | null = null): void {
    const menu = this.renderRoot.querySelector("details");
    if (menu) menu.open = false;
    this.dropped = file;
    this.open = what;
  }

  private readonly closed = (): void => {
    this.open = "";
    this.dropped = null;
  };

  private readonly typed = ({ target }: InputEvent): void => {
    this.question = (target as HTMLInputElement).value;
    this.list?.begin();
  };

  private readonly key = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    void this.list?.reach(0);
  };

  private readonly away = (event: FocusEvent): void => {
    const menu = event.currentTarget as HTMLDetailsElement;
    if (!menu.contains(event.relatedTarget as Node | null)) setTimeout(() => (menu.open = menu.matches(":focus-within") && menu.open));
  };

  private readonly shut = (event: KeyboardEvent): void => {
    const menu = event.currentTarget as HTMLDetailsElement;
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  };

  private readonly dragged = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files") || this.open) return;
    event.preventDefault();
    this.over = true;
  };

  private readonly leftDrop = (event: DragEvent): void => {
    if (event.relatedTarget === null || !this.contains(event.relatedTarget as Node)) this.over = false;
  };

  private readonly drop = (event: DragEvent): void => {
    this.over = false;
    const file = event.dataTransfer?.files[0];
    if (!file || this.open) return;
    event.preventDefault();
    this.start("import", file);
  };
}

function keyOf({ id }: Contact): number {
  return id;
}

function groupOf({ name }: Contact): string {
  return letterOf(name);
}
