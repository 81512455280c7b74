/** The PBX's log as it grows, by level, part and words; paused while one reads. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { choiceField, forms, textField, type Choice } from "../../components/form/fields";
import { icon, mdiPause, mdiPlay } from "../../components/icons";
import { shared } from "../../components/style";
import { LogReader } from "../../data/admin/log";
import { t } from "../../data/admin/texts";
import type { LogLine } from "../../data/admin/wire";
import { Page, pages } from "./page";

const LEVELS = ["debug", "info", "warning", "error"] as const;
const TYPED_MS = 300;

@customElement("pascom-admin-log")
export class Log extends Page {
  @state() private paused = false;
  private reader: LogReader | null = null;
  private typing = 0;
  /** Whoever looks at the end goes on looking there. */
  private atEnd = true;

  static override styles = [
    shared,
    pages,
    forms,
    css`
      :host { display: flex; height: 100%; min-height: 0; }
      .all { flex: 1; min-height: 0; max-width: none; width: 100%; grid-template-rows: auto auto minmax(0, 1fr); gap: 12px; }
      .filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; align-items: end; }
      ol { margin: 0; padding: 0; list-style: none; }
      .lines { padding: 8px 0; overflow: auto; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); font: 13px/1.5 var(--code-font-family, ui-monospace, monospace); min-height: 160px; }
      .lines li { display: grid; grid-template-columns: 9ch 11ch minmax(0, 1fr); gap: 12px; padding: 2px 14px; border-inline-start: 4px solid transparent; }
      .lines time, .lines .part { color: var(--faint); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
      .lines .text { white-space: pre-wrap; overflow-wrap: anywhere; }
      .lines .warning { border-color: var(--warn); }
      .lines .error { border-color: var(--bad); background: color-mix(in srgb, var(--bad) 8%, transparent); }
      .lines .debug { opacity: 0.75; }
      @media (max-width: 700px) {
        .lines li { grid-template-columns: auto 1fr; gap: 0 12px; padding-block: 4px; }
        .lines .text { grid-column: 1 / -1; }
        .filters { grid-template-columns: 1fr 1fr; }
        .filters > :last-child { grid-column: 1 / -1; }
      }
    `,
  ];

  protected override arrived(): void {
    this.reader ??= new LogReader(this.house.ask, () => this.requestUpdate());
    if (!this.paused) this.reader.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.reader?.stop();
    clearTimeout(this.typing);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { reader, paused } = this;
    if (reader === null) return nothing;
    const { wanted } = reader;
    const parts: Choice[] = [["", t("log_every_part")], ...[...new Set([...reader.parts, ...(wanted.part ? [wanted.part] : [])])].map((part): Choice => [part, part])];
    return html`<div class="all">
      <div class="top"><h1>${t("area_log")}</h1>
        <button class="tonal" aria-pressed=${paused} @click=${this.pause}>${icon(paused ? mdiPlay : mdiPause)}${t(paused ? "log_go_on" : "log_pause")}</button></div>
      <div class="filters">
        ${choiceField({ label: t("log_level"), value: wanted.level, choices: LEVELS.map((level): Choice => [level, t(`level_${level}`)]), changed: (level) => this.want({ level: level as LogLine["level"] }) })}
        ${choiceField({ label: t("log_part"), value: wanted.part, choices: parts, changed: (part) => this.want({ part }) })}
        ${textField({ label: t("log_words"), value: wanted.text, placeholder: t("log_words_example"), changed: (text) => this.typed(text) })}</div>
      <div class="lines" role="log" aria-label=${t("area_log")} aria-live="off" tabindex="0" @scroll=${this.scrolled}>
        ${reader.trouble ? html`<p class="trouble" style="padding:0 14px">${reader.trouble}</p>` : reader.lines.length ? nothing : html`<p class="empty">${t("log_empty")}</p>`}
        ${reader.lines.length ? html`<ol>
        ${reader.lines.map((line) => html`<li class=${line.level}><time datetime=${line.at}>${clock(line.at)}</time><span class="part" title=${line.part}>${line.part}</span>
          <span class="text" dir="ltr">${line.level === "warning" || line.level === "error" ? html`<span class="hidden">${t(`level_${line.level}`)}: </span>` : nothing}${line.text}</span></li>`)}</ol>` : nothing}
      </div>
    </div>`;
  }

  protected override updated(): void {
    const lines = this.renderRoot.querySelector(".lines");
    if (lines && this.atEnd && !this.paused) lines.scrollTop = lines.scrollHeight;
  }

  private readonly scrolled = (event: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.target as HTMLElement;
    this.atEnd = scrollHeight - scrollTop - clientHeight < 40;
  };

  private readonly pause = (): void => {
    this.paused = !this.paused;
    this.atEnd = true;
    if (this.paused) this.reader?.stop();
    else this.reader?.start();
  };

  private typed(text: string): void {
    clearTimeout(this.typing);
    this.typing = window.setTimeout(() => this.want({ text }), TYPED_MS);
  }

  private want(changes: Partial<LogReader["wanted"]>): void {
    this.paused = false;
    this.atEnd = true;
    if (this.reader) this.reader.start({ ...this.reader.wanted, ...changes });
    this.requestUpdate();
  }
}

/** With seconds, and the same width in every language. */
function clock(at: string): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((each) => String(each).padStart(2, "0")).join(":");
}
