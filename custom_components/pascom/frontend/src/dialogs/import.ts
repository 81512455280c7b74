/** Contacts from a file: chosen or dropped, read piece by piece, and then what became of them. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { Dialog, dialogs } from "../components/dialog";
import { icon, mdiCheck, mdiFileUpload } from "../components/icons";
import { tb } from "../components/phonebook-texts";
import { shared } from "../components/style";
import { decoded, importText, MOST_BYTES } from "../data/import";
import { refusal } from "../data/link";
import type { Imported } from "../data/phonebook";
import type { Book } from "../data/wire";

const SHOWN_FAULTS = 100;

@customElement("pascom-import-dialog")
export class ImportDialog extends Dialog {
  /** One that was dropped on the phonebook already. */
  @property({ attribute: false }) file: File | null = null;
  @property() book: Book = "private";
  @state() private running = -1;
  @state() private done: Imported | null = null;
  @state() private problem = "";
  @state() private name = "";
  @state() private over = false;
  @query('input[type="file"]') private readonly input!: HTMLInputElement | null;

  static override styles = [
    shared,
    dialogs,
    css`
      .drop { display: grid; justify-items: center; gap: 12px; text-align: center; border: 2px dashed var(--line); border-radius: var(--radius); padding: 28px 16px; }
      .drop.over { border-color: var(--accent); background: color-mix(in srgb, var(--accent) 12%, transparent); }
      .drop > .icon { width: 40px; height: 40px; color: var(--faint); }
      .drop p { margin: 0; }
      label { margin-block-end: 16px; }
      progress { width: 100%; height: 8px; accent-color: var(--accent); }
      .sum { display: grid; grid-template-columns: repeat(auto-fit, minmax(96px, 1fr)); gap: 8px; margin-block: 12px; }
      @media (max-width: 599px) { .sum { grid-template-columns: 1fr 1fr; } }
      .sum div { text-align: center; border: 1px solid var(--line); border-radius: var(--radius); padding: 12px 4px; font-size: 14px; color: var(--faint); }
      .sum b { display: block; font-size: 26px; font-weight: 500; color: var(--text); font-variant-numeric: tabular-nums; }
      .sum .bad b { color: var(--bad); }
      .headline { display: flex; gap: 8px; align-items: center; margin: 0; overflow-wrap: anywhere; }
      .headline .icon { color: var(--good); }
      ul { margin: 0; padding: 0; list-style: none; max-height: 260px; overflow-y: auto; }
      li { padding: 8px 4px; border-block-start: 1px solid var(--line); overflow-wrap: anywhere; font-size: 14px; }
      li b { font-weight: 500; margin-inline-end: 8px; }
    `,
  ];

  protected override arrived(): void {
    if (this.file) void this.read(this.file);
  }

  protected override headline(): string {
    return tb("import_title");
  }

  protected override get loose(): boolean {
    return this.running < 0;
  }

  protected override body(): TemplateResult {
    if (this.running >= 0)
      return html`<p role="status">${tb("import_running", { percent: Math.round(this.running * 100), file: this.name })}</p><progress max="1" .value=${this.running} aria-label=${tb("import_title")}></progress>`;
    if (this.done) return this.summary(this.done);
    const { phonebook } = this.house;
    return html`${this.problem ? html`<p class="trouble" role="alert">${this.problem}</p>` : nothing}
      <label>${tb("book")}<select class="field" @change=${(event: Event) => (this.book = (event.target as HTMLSelectElement).value as Book)}>
        ${(["private", "company"] as const).map((book) => html`<option value=${book} ?selected=${this.book === book} ?disabled=${book === "company" && !phonebook.writes}>${tb(`book_${book}`)}</option>`)}</select></label>
      <div class="drop ${this.over ? "over" : ""}" @dragover=${this.dragged} @dragleave=${() => (this.over = false)} @drop=${this.drop}>
        ${icon(mdiFileUpload)}<p>${tb("import_drop")}</p>
        <button class="filled" autofocus @click=${() => this.input?.click()}>${tb("import_choose")}</button>
        <input class="hidden" type="file" tabindex="-1" aria-hidden="true" accept=".vcf,.vcard,.csv,.txt,.xml,text/vcard,text/x-vcard,text/csv" @change=${this.chosen} />
        <p class="more" style="white-space:normal">${tb("import_about")}</p>
      </div>`;
  }

  protected override foot(): TemplateResult | typeof nothing {
    return this.done
      ? html`<footer><button @click=${() => ((this.done = null), (this.problem = ""))}>${tb("import_more")}</button><button class="filled" autofocus @click=${() => this.close()}>${tb("done")}</button></footer>`
      : nothing;
  }

  private summary({ added, changed, same, faults }: Imported): TemplateResult {
    const count = (number: number, text: string, bad = false): TemplateResult => html`<div class=${bad && number ? "bad" : ""}><b>${number.toLocaleString(this.house.language || "en")}</b>${text}</div>`;
    return html`<p class="headline" role="status">${icon(mdiCheck)}${tb("import_done", { file: this.name })}</p>
      <div class="sum">${count(added, tb("added"))}${count(changed, tb("changed"))}${count(same, tb("same"))}${count(faults.length, tb("faulty"), true)}</div>
      ${this.problem ? html`<p class="trouble" role="alert">${this.problem}</p>` : nothing}
      ${faults.length ? html`<ul tabindex="0" aria-label=${tb("faulty")}>${faults.slice(0, SHOWN_FAULTS).map(({ line, text }) => html`<li><b>${tb("import_fault", { line })}</b>${text}</li>`)}</ul>` : nothing}`;
  }

  private readonly chosen = ({ target }: Event): void => {
    const file = (target as HTMLInputElement).files?.[0];
    if (file) void this.read(file);
  };

  private readonly dragged = (event: DragEvent): void => {
    event.preventDefault();
    this.over = true;
  };

  private readonly drop = (event: DragEvent): void => {
    event.preventDefault();
    this.over = false;
    const file = event.dataTransfer?.files[0];
    if (file) void this.read(file);
  };

  private async read(file: File): Promise<void> {
    this.name = file.name;
    this.problem = "";
    if (file.size > MOST_BYTES) {
      this.problem = tb("import_large", { file: file.name, size: MOST_BYTES / 1_000_000 });
      return;
    }
    this.running = 0;
    const sum = { added: 0, changed: 0, same: 0, faults: [] as { line: number; text: string }[] };
    try {
      await importText(this.house.ask, this.book, decoded(await file.arrayBuffer()), sum, ({ done, all }) => (this.running = all ? done / all : 1));
    } catch (error) {
      this.problem = tb("import_stopped", { problem: refusal(error).message });
    }
    this.running = -1;
    if (sum.added + sum.changed + sum.same + sum.faults.length) this.done = sum;
    else this.problem ||= tb("import_none", { file: file.name });
  }
}
