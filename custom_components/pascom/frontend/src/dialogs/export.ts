/** A phonebook as a file, to be taken elsewhere. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Dialog, dialogs } from "../components/dialog";
import { icon, mdiDownload } from "../components/icons";
import { tb } from "../components/phonebook-texts";
import { shared } from "../components/style";
import type { FileFormat } from "../data/import";
import { refusal } from "../data/link";
import type { Book } from "../data/wire";

const TYPES: Record<FileFormat, string> = { vcard: "text/vcard", csv: "text/csv" };

@customElement("pascom-export-dialog")
export class ExportDialog extends Dialog {
  @property() book: Book = "company";
  @state() private format: FileFormat = "vcard";
  @state() private busy = false;
  @state() private problem = "";

  static override styles = [
    shared,
    dialogs,
    css`
      label { margin-block-end: 16px; }
    `,
  ];

  protected override headline(): string {
    return tb("export_title");
  }

  protected override body(): TemplateResult {
    return html`${this.problem ? html`<p class="trouble" role="alert">${this.problem}</p>` : nothing}
      <label>${tb("book")}<select class="field" autofocus @change=${(event: Event) => (this.book = (event.target as HTMLSelectElement).value as Book)}>
        ${(["company", "private"] as const).map((book) => html`<option value=${book} ?selected=${this.book === book}>${tb(`book_${book}`)}</option>`)}</select></label>
      <label>${tb("format")}<select class="field" @change=${(event: Event) => (this.format = (event.target as HTMLSelectElement).value as FileFormat)}>
        ${(["vcard", "csv"] as const).map((format) => html`<option value=${format} ?selected=${this.format === format}>${tb(`export_${format}`)}</option>`)}</select></label>`;
  }

  protected override foot(): TemplateResult {
    return html`<footer><button @click=${() => this.close()}>${tb("cancel")}</button>
      <button class="filled" ?disabled=${this.busy} @click=${() => void this.fetch()}>${icon(mdiDownload)}${tb("download")}</button></footer>`;
  }

  private async fetch(): Promise<void> {
    this.busy = true;
    this.problem = "";
    try {
      const { data, name } = await this.house.ask<{ data: string; name: string }>("phonebook/export", { book: this.book, format: this.format });
      const url = URL.createObjectURL(new Blob([data], { type: `${TYPES[this.format]};charset=utf-8` }));
      const link = Object.assign(document.createElement("a"), { href: url, download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      this.close();
    } catch (error) {
      this.problem = refusal(error).message;
    }
    this.busy = false;
  }
}
