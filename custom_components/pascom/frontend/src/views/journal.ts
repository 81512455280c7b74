/** The journal: calls and doors in the order in which they happened, as far back as one scrolls. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { Part } from "../components/element";
import { icon, mdiAlertCircleOutline, mdiDoorOpen, mdiHistory, mdiPhoneIncoming, mdiPhoneMissed, mdiPhoneOutgoing, mdiVoicemail } from "../components/icons";
import { tj } from "../components/journal-texts";
import { pastRow, ways } from "../components/past-row";
import { skeleton, skeletons } from "../components/skeleton";
import { rows, shared } from "../components/style";
import { virtual, type VirtualList } from "../components/virtual-list";
import "../components/virtual-list";
import "../dialogs/past";
import { Journal, type Past, type Shown } from "../data/journal";
import { refusal } from "../data/link";
import { t } from "../data/texts";
import type { PbxEvent } from "../data/wire";

const FILTERS: readonly [Shown, string][] = [["all", ""], ["missed", mdiPhoneMissed], ["in", mdiPhoneIncoming], ["out", mdiPhoneOutgoing], ["doors", mdiDoorOpen]];
/** After these the journal has something new; it is asked once for all that happen together. */
const NEWS: ReadonlySet<PbxEvent["kind"]> = new Set(["call_ended", "call_missed", "door_rang", "door_answered", "door_missed", "door_ended", "door_opened", "door_open_failed"]);
const TOGETHER = 400;

@customElement("pascom-journal")
export class JournalView extends Part {
  @state() private shown: Shown = "all";
  @state() private problem = "";
  @state() private open: Past | null = null;
  @query("pascom-virtual-list") private readonly list!: VirtualList<Past> | null;
  private readonly journals = new Map<Shown, Journal>();
  private deafToEvents: (() => void) | null = null;
  private timer = 0;
  private phase = "";

  static override styles = [
    shared,
    rows,
    ways,
    virtual,
    skeletons,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; container-type: inline-size; }
      .filters { padding: 8px 16px; width: 100%; max-width: 792px; margin-inline: auto; }
      .filters .icon { display: none; width: 20px; height: 20px; }
      .wait { padding: 0 16px; width: 100%; max-width: 792px; margin-inline: auto; }
      /* Where there is little room, symbols stand for what is not chosen. */
      @container (max-width: 459px) { .filters .icon { display: block; } .filters button[aria-pressed="false"] .icon + span { display: none; } }
    `,
  ];

  protected override arrived(): void {
    this.deafToEvents ??= this.house.hear(({ kind }) => NEWS.has(kind) && this.soon());
    this.phase = this.house.store.phase;
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.deafToEvents?.();
    this.deafToEvents = null;
    clearTimeout(this.timer);
    this.timer = 0;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    const { store } = this.house;
    // Who looks at the journal has seen what they missed.
    if (store.missed && !document.hidden) queueMicrotask(() => this.house.sawJournal());
    if (store.phase === "ready" && this.phase !== "ready") this.soon();
    this.phase = store.phase;
  }

  protected override render(): TemplateResult {
    const { journal } = this;
    const { entries } = journal;
    return html`<div class="filters" role="group" aria-label=${t("filters")}>
        ${FILTERS.map(([shown, symbol]) => {
          const name = shown === "all" ? t("filter_all") : shown === "doors" ? tj("ways_doors") : t(`ways_${shown}`);
          return html`<button aria-pressed=${this.shown === shown} aria-label=${name} title=${name} @click=${() => this.choose(shown)}>${symbol ? icon(symbol) : nothing}<span>${name}</span></button>`;
        })}
        ${this.mailbox()}
      </div>
      ${this.problem ? html`<div class="empty" role="alert">${icon(mdiAlertCircleOutline)}<p>${this.problem}</p><button class="tonal" @click=${() => void this.refresh()}>${tj("try_again")}</button></div>` : nothing}
      ${entries.length
        ? html`<pascom-virtual-list .items=${entries} .key=${keyOf} .group=${dayOf} .heading=${this.heading} .row=${this.row} .also=${{}} .label=${t("journal")} place="journal" ?unended=${!journal.ended}
            @wanted=${this.further}></pascom-virtual-list>`
        : this.problem ? nothing : journal.ready
          ? html`<div class="empty" role="status">${icon(FILTERS.find(([shown]) => shown === this.shown)?.[1] || mdiHistory)}${this.nothing()}</div>`
          : html`<div class="wait">${skeleton(tj("loading"))}</div>`}
      ${this.open
        ? html`<pascom-past-dialog .house=${this.house} .past=${this.open} .related=${this.related(this.open)} @closed=${() => (this.open = null)}></pascom-past-dialog>`
        : nothing}`;
  }

  /** Messages are of the past as well, and have a place of their own. */
  private mailbox(): TemplateResult | typeof nothing {
    const { store } = this.house;
    const { messages } = store;
    if (!messages && store.user(store.me.user)?.voicemail_enabled == null) return nothing;
    const show = (): boolean => this.dispatchEvent(new CustomEvent("show", { detail: { area: "voicemail" }, bubbles: true, composed: true }));
    return html`<button aria-pressed="false" aria-label=${t("voicemail")} title=${t("voicemail")} @click=${show}>${icon(mdiVoicemail)}<span>${t("voicemail")}${messages ? ` · ${messages}` : ""}</span></button>`;
  }

  private get journal(): Journal {
    let journal = this.journals.get(this.shown);
    if (journal === undefined) this.journals.set(this.shown, (journal = new Journal(this.house.ask, () => this.house.store.me.user, this.shown)));
    return journal;
  }

  private nothing(): string {
    return this.shown === "all" ? t("journal_empty") : tj(`empty_${this.shown}`);
  }

  private readonly heading = (past: Past): string => this.house.format.date(past.at);

  private readonly row = (past: Past): TemplateResult => pastRow(this.house, past, { open: this.look });

  private readonly look = (past: Past): void => void (this.open = past);

  private related({ ring, door }: Past): readonly Past[] {
    return ring ? this.journal.entries.filter((each) => each.ring === ring && each.door === door) : [];
  }

  private choose(shown: Shown): void {
    this.shown = shown;
    this.list?.begin();
    void this.refresh();
  }

  private soon(): void {
    if (!this.timer)
      this.timer = window.setTimeout(() => {
        this.timer = 0;
        void this.refresh();
      }, TOGETHER);
  }

  private refresh(): Promise<void> {
    const { journal } = this;
    return this.load(journal.refresh());
  }

  private readonly further = (): void => void this.load(this.journal.more());

  private async load(work: Promise<void>): Promise<void> {
    try {
      await work;
      this.problem = "";
      // Two kinds merged may give nothing new until more of one is read.
      if (!this.journal.entries.length && this.journal.ready && !this.journal.ended) this.further();
    } catch (error) {
      // What is on the page stays there while the PBX is away.
      this.problem = this.journal.entries.length ? "" : refusal(error).message;
    }
    this.requestUpdate();
  }
}

function keyOf({ key }: Past): string {
  return key;
}

function dayOf({ day }: Past): number {
  return day;
}
