/** The journal: in, out, missed; page by page as one scrolls. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { Part } from "../components/element";
import { pastRow } from "../components/past-row";
import { rows, shared } from "../components/style";
import { Journal, type Past, type Way } from "../data/journal";
import { refusal } from "../data/link";
import { t } from "../data/texts";

export const ways = css`
  .way { flex: none; width: 44px; height: 44px; display: grid; place-items: center; color: var(--faint); }
  .way.in { color: var(--good); }
  .way.missed { color: var(--bad); }
`;

@customElement("pascom-journal")
export class JournalView extends Part {
  @state() private way: Way | "all" = "all";
  @state() private problem = "";
  private journal: Journal | null = null;
  private running = 0;

  static override styles = [
    shared,
    rows,
    ways,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; }
      .filters { display: flex; gap: 4px; padding: 8px 12px; overflow-x: auto; flex: none; }
      .filters button { flex: none; padding: 0 14px; font-size: 14px; border: 1px solid var(--line); }
      .filters button[aria-pressed="true"] { background: color-mix(in srgb, var(--accent) 20%, transparent); border-color: transparent; font-weight: 500; }
      .list { flex: 1; overflow-y: auto; padding: 0 4px 16px; }
      .list > div { max-width: 760px; margin-inline: auto; }
    `,
  ];

  protected override arrived(): void {
    this.house.store.missed = 0;
    this.journal ??= new Journal(this.house.ask, () => this.house.store.me.user);
    void this.load(() => this.journal?.refresh());
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    // A call that ended is in the journal a moment later.
    const running = this.house.engine.live.length;
    if (running < this.running) setTimeout(() => void this.load(() => this.journal?.refresh()), 1500);
    this.running = running;
  }

  protected override render(): TemplateResult {
    const entries = this.journal?.entries ?? [];
    const shown = entries.filter((past) => this.way === "all" || past.way === this.way);
    return html`<div class="filters" role="group" aria-label=${t("filters")}>
        ${(["all", "missed", "in", "out"] as const).map((way) => html`<button aria-pressed=${this.way === way} @click=${() => (this.way = way)}>${t(way === "all" ? "filter_all" : `ways_${way}`)}</button>`)}
      </div>
      <div class="list" @scroll=${this.scrolled}><div>
        ${this.problem ? html`<p class="empty trouble" role="alert">${this.problem}</p>` : nothing}
        ${days(shown, (at) => this.house.format.date(at)).map(([day, list]) => html`<section aria-label=${day}><h2>${day}</h2>${list.map((past) => pastRow(this.house, past))}</section>`)}
        ${!shown.length && !this.problem ? html`<p class="empty">${this.journal?.ended ? t("journal_empty") : t("connecting")}</p>` : nothing}
        ${shown.length && !this.journal?.ended ? html`<p class="empty"><button class="tonal" @click=${this.further}>${t("show_more")}</button></p>` : nothing}
      </div></div>`;
  }

  private readonly scrolled = ({ target }: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = target as HTMLElement;
    if (scrollHeight - scrollTop - clientHeight < 500) this.further();
  };

  private readonly further = (): void => void this.load(() => this.journal?.more());

  private async load(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
      this.problem = "";
    } catch (error) {
      this.problem = refusal(error).message;
    }
    this.requestUpdate();
  }
}

function days(entries: readonly Past[], name: (at: string) => string): [string, Past[]][] {
  const found = new Map<string, Past[]>();
  for (const past of entries) {
    const day = name(past.at);
    const list = found.get(day);
    if (list) list.push(past);
    else found.set(day, [past]);
  }
  return [...found];
}
