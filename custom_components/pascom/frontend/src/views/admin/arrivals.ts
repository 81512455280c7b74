/** Where a line rings: for each of its numbers who, and whose mailbox where nobody answers.  It holds at once. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { conflict } from "../../components/form/conflict";
import { choiceField, forms, textField, type Choice } from "../../components/form/fields";
import { icon, mdiLock } from "../../components/icons";
import { shared } from "../../components/style";
import { boxes, faultsOf, kindOf, MAILBOX, ofKind, PEOPLE, roomKind, usual, type Arrival, type Arrivals, type LineArrivals, type Targets } from "../../data/admin/arrivals";
import { Draft } from "../../data/admin/draft";
import { g } from "../../data/admin/group-texts";
import { t } from "../../data/admin/texts";
import { EVERYONE, type AdminUser } from "../../data/admin/wire";
import { peopleOf, someOf } from "./choosing";
import { mdiDelete, mdiPlus } from "./icons";
import { Page, pages } from "./page";

@customElement("pascom-admin-arrivals")
export class ArrivalsCard extends Page {
  @state() private draft: Draft<Arrivals> | null = null;
  @state() private tick = 0;
  private line: LineArrivals | null = null;
  private users: AdminUser[] = [];
  private missing: Record<string, string> = {};

  static override styles = [
    shared,
    pages,
    forms,
    css`
      .number { display: grid; gap: 14px; padding-block-start: 14px; border-block-start: 1px solid var(--line); }
      .number h3 { margin: 0; font-size: 16px; font-weight: 500; }
      .head { display: grid; grid-template-columns: minmax(0, 1fr) 44px; gap: 8px; align-items: start; }
      .head .round { margin-block-start: 26px; }
    `,
  ];

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("name")) void this.begin();
  }

  private readonly begin = async (): Promise<void> => {
    this.missing = {};
    const found = await this.latest(() => Promise.all([this.read(), this.house.ask<{ users: AdminUser[] }>("user/list")]));
    if (!found) return;
    this.users = found[1].users;
    this.draft = new Draft(found[0]);
  };

  private readonly read = async (): Promise<LineArrivals> => (this.line = await this.house.ask<LineArrivals>("trunk/arrivals", { trunk: this.name }));

  private get targets(): Targets {
    const { teams = [], rooms = [] } = this.house.store.snapshot ?? {};
    return { users: this.users, teams, rooms };
  }

  /** First what holds for all others, said or not. */
  private shown({ values }: Draft<Arrivals>): Arrival[] {
    const rest = values.arrivals.find((each) => !each.number) ?? usual(this.line?.default ?? "", this.targets);
    return [rest, ...values.arrivals.filter((each) => each !== rest)];
  }

  protected override render(): TemplateResult | typeof nothing {
    const { draft, line } = this;
    void this.tick;
    if (draft === null || line === null) return nothing;
    const all = this.shown(draft);
    return html`<form class="card form" novalidate @submit=${this.submit}><h2>${g("lines_ring")}</h2>
      <p class="about">${g("lines_ring_about")}</p>
      ${conflict(draft, { labels: { arrivals: "rings" }, said: (_, value) => (value as Arrival[]).map((each) => `${each.number || g("arrival_all")}: ${this.named(each)}`).join("; "), mine: () => void this.save(() => draft.keepMine()), theirs: () => this.redraw(() => draft.takeTheirs()) })}
      ${line.fixed.map(({ number, target }) => html`<p class="about made">${icon(mdiLock)}<span>${g("arrival_fixed", { number, name: this.nameOf(target) })}</span></p>`)}
      ${all.map((each, at) => this.one(each, at, all))}
      ${draft.faults["arrivals"] || draft.faults[""] ? html`<p class="fault" role="alert">${draft.faults["arrivals"] ?? draft.faults[""]}</p>` : nothing}
      <div class="ends">
        <button class="filled" type="submit" ?disabled=${draft.saving || !draft.changed}>${t("save")}</button>
        ${draft.changed ? html`<button class="tonal" type="button" @click=${this.begin}>${t("discard")}</button>` : nothing}
        <button class="tonal" type="button" @click=${() => this.keep([...all, { number: "", rings: [], mailbox: "" }])}>${icon(mdiPlus)}${g("arrival_add")}</button></div>
    </form>`;
  }

  private one(arrival: Arrival, at: number, all: Arrival[]): TemplateResult {
    const { targets } = this;
    const key = `${at}`;
    const kind = kindOf(arrival, targets);
    const set = (now: Arrival): void => this.keep(all.map((each, index) => (index === at ? now : each)));
    const others = all.length > 1 || (this.line?.fixed.length ?? 0) > 0;
    const single = targets.users.find((user) => arrival.rings.length === 1 && user.name === arrival.rings[0]);
    return html`<div class="number" role="group" aria-label=${at ? arrival.number || g("arrival_number") : g(others ? "arrival_others" : "arrival_all")}>
      ${at === 0
        ? html`<h3>${g(others ? "arrival_others" : "arrival_all")}</h3>`
        : html`<div class="head">${textField({ label: g("arrival_number"), key, value: arrival.number, type: "tel", help: g("arrival_number_about"), fault: this.missing[at], changed: (number) => set({ ...arrival, number }) })}
            <button type="button" class="round" aria-label=${`${g("arrival_remove")} ${arrival.number}`} title=${g("arrival_remove")} @click=${() => this.keep(all.filter((_, index) => index !== at))}>${icon(mdiDelete)}</button></div>`}
      <div class="pair">
        ${choiceField({ label: g("who"), key, value: kind, choices: this.kinds(), fault: at === 0 ? this.missing[at] : undefined, changed: (now) => set(ofKind(now, arrival, targets)) })}
        ${kind === MAILBOX ? this.box(arrival, key, set) : kind === PEOPLE || kind === EVERYONE ? this.then(arrival, key, single?.display_name ?? "", set) : nothing}
      </div>
      ${kind === PEOPLE
        ? someOf({ label: g("who_people"), key, values: arrival.rings, choices: [...peopleOf(targets.users), ...peopleOf(targets.teams.filter((each) => each.name !== "everyone"))], help: arrival.rings.length ? undefined : g("who_fault"), changed: (rings) => set({ ...arrival, rings }) })
        : nothing}
    </div>`;
  }

  private kinds(): Choice[] {
    return [
      [EVERYONE, t("everyone")], [PEOPLE, g("who_people")],
      ...this.targets.rooms.map((room): Choice => [roomKind(room.name), g("who_room", { name: room.display_name })]),
      ...(boxes(this.targets).length ? [[MAILBOX, g("who_mailbox")] as const] : []),
    ];
  }

  private then(arrival: Arrival, key: string, single: string, set: (now: Arrival) => void): TemplateResult {
    const choices = boxes(this.targets).map((user): Choice => [user.name, g("then_mailbox", { name: user.display_name })]);
    return choiceField({
      label: g("then"), key, value: arrival.mailbox, help: choices.length ? undefined : g("no_mailbox"), changed: (mailbox) => set({ ...arrival, mailbox }),
      choices: [["", single ? g("then_own", { name: single }) : g("then_nothing")], ...choices],
    });
  }

  private box(arrival: Arrival, key: string, set: (now: Arrival) => void): TemplateResult {
    return choiceField({ label: g("whose_mailbox"), key, value: arrival.mailbox, choices: boxes(this.targets).map((user): Choice => [user.name, user.display_name]), changed: (mailbox) => set({ ...arrival, mailbox }) });
  }

  private named({ rings, mailbox }: Arrival): string {
    return [...rings.map((each) => this.nameOf(each)), ...(mailbox ? [g("then_mailbox", { name: this.nameOf(mailbox) })] : [])].join(", ");
  }

  private nameOf(target: string): string {
    if (target === EVERYONE) return t("everyone");
    const { users, teams, rooms } = this.targets;
    return [...users, ...teams, ...rooms].find((each) => each.name === target)?.display_name ?? target;
  }

  private keep(arrivals: Arrival[]): void {
    this.missing = {};
    this.redraw(() => this.draft?.set({ arrivals }));
  }

  private redraw(work: () => void): void {
    work();
    this.tick += 1;
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    void this.save();
  };

  private async save(first: () => void = () => undefined): Promise<void> {
    const { draft } = this;
    if (draft === null || draft.saving) return;
    first();
    this.missing = Object.fromEntries(Object.entries(faultsOf(this.shown(draft))).map(([at, fault]) => [at, g(fault)]));
    if (Object.keys(this.missing).length) {
      this.tick += 1;
      return;
    }
    const saving = draft.save(({ arrivals = [] }, revision) => this.house.ask("trunk/set_arrivals", { trunk: this.name, revision, arrivals }), this.read);
    this.tick += 1;
    if ((await saving) === "saved") {
      const seen = await this.tried(this.read);
      if (seen) this.draft = new Draft(seen);
      this.house.say(t("saved"));
    }
    this.tick += 1;
  }
}
