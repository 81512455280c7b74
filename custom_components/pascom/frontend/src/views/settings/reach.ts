/** How one is reached: which device rings when, where calls are passed on to. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { nameOf } from "../../components/contact-menu";
import { icon, mdiDeleteOutline } from "../../components/icons";
import { shared } from "../../components/style";
import { DEFAULT_PROFILE, offered, rowsOf, rungsOf, SCOPES, type Row } from "../../data/follow-me";
import { t as s } from "../../data/settings-texts";
import type { FollowMe, Forward, Profile, Scope } from "../../data/wire";
import { cards, Section } from "./section";

const AFTER = [0, 5, 10, 15, 20, 30];
const FOR = [10, 15, 20, 30, 45];
const WAITS = [10, 15, 20, 25, 30, 45, 60];
const FORWARDS = ["always", "busy", "no_answer"] as const;

@customElement("pascom-settings-reach")
export class ReachSettings extends Section {
  @state() private reach: FollowMe | null = null;
  @state() private scope: Scope = "external";
  @state() private made = "";

  static override styles = [
    shared,
    cards,
    css`
      .device { display: grid; grid-template-columns: auto 1fr; gap: 4px 8px; align-items: center; border-block-end: 1px solid var(--line); padding-block-end: 8px; }
      .device > input { width: 24px; height: 24px; margin: 10px; accent-color: var(--accent); }
      .device .when { grid-column: 2; display: flex; gap: 8px; flex-wrap: wrap; }
      .when label { flex: 1 1 120px; font-size: 13px; }
      .when .field { padding-inline: 12px; }
    `,
  ];

  protected override arrived(): void {
    void this.asks(async () => {
      this.reach = await this.house.ask<FollowMe>("user/follow_me", { user: this.house.store.me.user });
    });
  }

  protected override render(): TemplateResult | typeof nothing {
    const { reach } = this;
    if (reach === null) return nothing;
    return html`<section class="card" aria-label=${s("reach")}><h2>${s("reach")}</h2>
      ${this.toggle(s("call_waiting"), reach.call_waiting, (call_waiting) => void this.set("user/set", { call_waiting }), s("call_waiting_about"))}
      <form class="beside" @submit=${(event: Event) => this.typed(event, (mobile) => this.set("user/set", { mobile }))}>
        <label>${s("mobile")}<input class="field" name="number" type="tel" dir="ltr" autocomplete="tel" .value=${reach.mobile} /></label><button class="plain">${s("save")}</button></form>
      <h3>${s("forwarding")}</h3>
      ${FORWARDS.map((kind) => html`<form class="beside" @submit=${(event: Event) => this.typed(event, (number) => this.set("user/forward", { [kind]: number }))}>
        <label>${s(`forward_${kind}`)}<input class="field" name="number" type="tel" dir="ltr" autocomplete="off" placeholder=${s("forward_nowhere")} .value=${reach.forward[kind]} /></label><button class="plain">${s("save")}</button></form>`)}
      ${reach.forward.no_answer ? this.pick(s("forward_after"), String(reach.forward.seconds), offered(WAITS, reach.forward.seconds).map((seconds) => [String(seconds), s("seconds", { seconds })] as const), (seconds) => void this.set("user/forward", { seconds: Number(seconds) } satisfies Partial<Forward>)) : nothing}
      ${this.profiles(reach)}
    </section>`;
  }

  private profiles(reach: FollowMe): TemplateResult {
    const active = reach.profiles.find(({ name }) => name === reach.profile) ?? reach.profiles[0];
    return html`<h3>${s("follow_me")}</h3>
      ${this.pick(s("profile"), reach.profile, reach.profiles.map(({ name }) => [name, name === DEFAULT_PROFILE ? s("profile_default") : name] as const), (profile) => void this.set("user/set", { profile }))}
      <div class="filters" role="group" aria-label=${s("kind_of_call")}>${SCOPES.map((scope) => html`<button aria-pressed=${scope === this.scope} @click=${() => (this.scope = scope)}>${s(`scope_${scope}`)}</button>`)}</div>
      ${active ? this.rules(active) : nothing}
      <form class="beside" @submit=${(event: Event) => (event.preventDefault(), void this.add())}>
        <label>${s("profile_new")}<input class="field" maxlength="40" dir="auto" autocomplete="off" .value=${this.made} @input=${(event: InputEvent) => (this.made = (event.target as HTMLInputElement).value)} /></label>
        <button class="plain" ?disabled=${!this.made.trim()}>${s("profile_add")}</button></form>
      ${active && active.name !== DEFAULT_PROFILE ? html`<div class="does"><button class="tonal" @click=${() => void this.set("user/set_follow_me", { profile: active.name, remove: true })}>${icon(mdiDeleteOutline)}${s("profile_remove", { name: active.name })}</button></div>` : nothing}`;
  }

  private rules(profile: Profile): TemplateResult {
    const { store } = this.house;
    const rungs = profile[this.scope];
    const rows = rowsOf(profile, this.scope, store.user(store.me.user)?.devices ?? []);
    const keep = (rows: readonly Row[] | null): Promise<void> => this.set("user/set_follow_me", { profile: profile.name, [this.scope]: rows && rungsOf(rows) });
    const change = (row: Row, changes: Partial<Row>): void => void keep(rows.map((each) => (each === row ? { ...row, ...changes } : each)));
    return html`${this.toggle(s("all_at_once"), rungs === null, (all) => void keep(all ? null : rows), s("all_at_once_about"))}
      ${rungs === null ? nothing : rows.map((row) => {
        const name = nameOf(row.device, row.kind);
        return html`<div class="device"><input type="checkbox" aria-label=${name} .checked=${row.rings} @change=${(event: Event) => change(row, { rings: (event.target as HTMLInputElement).checked })} /><span class="name">${name}</span>
          ${row.rings ? html`<div class="when">
            ${this.pick(s("rings_after"), String(row.after), offered(AFTER, row.after).map((seconds) => [String(seconds), seconds ? s("seconds", { seconds }) : s("at_once")] as const), (after) => change(row, { after: Number(after) }))}
            ${this.pick(s("rings_for"), row.seconds === null ? "" : String(row.seconds), [["", s("to_the_end")], ...offered(FOR, row.seconds ?? 20).map((seconds) => [String(seconds), s("seconds", { seconds })] as const)], (seconds) => change(row, { seconds: seconds ? Number(seconds) : null }))}
          </div>` : nothing}</div>`;
      })}
      ${rungs !== null && !rungs.length ? html`<p class="notice">${s("nobody_rings")}</p>` : nothing}`;
  }

  private async add(): Promise<void> {
    const profile = this.made.trim();
    if (!profile) return;
    await this.set("user/set_follow_me", { profile });
    if (await this.asks(() => this.house.ask("user/set", { user: this.house.store.me.user, profile }))) this.made = "";
    this.arrived();
  }

  private typed(event: Event, set: (number: string) => Promise<void>): void {
    event.preventDefault();
    void set(String(new FormData(event.target as HTMLFormElement).get("number") ?? "").trim());
  }

  /** The PBX says how it is then. */
  private async set(command: string, fields: object): Promise<void> {
    const { user } = this.house.store.me;
    const done = await this.asks(async () => {
      await this.house.ask(command, { user, ...fields });
      this.reach = await this.house.ask<FollowMe>("user/follow_me", { user });
    });
    if (done) this.house.say(s("saved"));
  }
}
