/** Messages that callers and visitors left: listen, call back, delete; and how one's own mailbox takes calls. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { face, faces } from "../components/avatar";
import { Part } from "../components/element";
import { icon, mdiAlertCircleOutline, mdiBell, mdiCog, mdiDeleteOutline, mdiEmailMarkAsUnread, mdiEmailOpenOutline, mdiPhone, mdiPlay, mdiTextBoxOutline, mdiVoicemail } from "../components/icons";
import "../components/mailbox-settings";
import "../components/message-player";
import type { MessagePlayer } from "../components/message-player";
import { skeleton, skeletons } from "../components/skeleton";
import { rows, shared } from "../components/style";
import "../components/visitor";
import { length } from "../data/format";
import { refusal } from "../data/link";
import { t } from "../data/texts";
import { boxesOf, Mailbox, type Box } from "../data/voicemail";
import { t as v } from "../data/voicemail-texts";
import type { PbxEvent, Recorded } from "../data/wire";

@customElement("pascom-voicemail")
export class VoicemailView extends Part {
  /** Empty for one's own, `door:name` for a door's. */
  @property() box = "";
  @state() private open = "";
  @state() private settings = false;
  @state() private problem = "";
  @state() private written: Readonly<Record<string, string>> = {};
  private mailbox: Mailbox | null = null;
  private deafen: () => void = () => undefined;

  static override styles = [
    shared,
    rows,
    faces,
    skeletons,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; position: relative; }
      .head { display: flex; gap: 4px; padding: 8px 8px 8px 16px; align-items: center; flex: none; width: 100%; max-width: 792px; margin-inline: auto; }
      .filters { flex: 1; }
      .round[aria-pressed="true"] { background: var(--tint); }
      .list { flex: 1; overflow-y: auto; padding: 0 16px 80px; }
      .list > * { max-width: 760px; margin-inline: auto; }
      .head h1 { flex: 1; margin: 0; font-size: 20px; font-weight: 400; }
      .messages { padding: 4px; }
      .message { border-radius: var(--small); }
      .message.open { background: color-mix(in srgb, var(--text) 4%, transparent); margin-block: 4px; padding-block-end: 8px; }
      .message.open:first-child { margin-block-start: 0; }
      .message.open:last-child { margin-block-end: 0; }
      .message .row { content-visibility: visible; }
      .row .what { min-height: 52px; }
      .fresh .name { font-weight: 700; }
      .new { width: 10px; height: 10px; border-radius: 50%; background: var(--accent); flex: none; margin-inline: 4px 8px; }
      .time { flex: none; color: var(--faint); font-size: 14px; font-variant-numeric: tabular-nums; padding-inline: 8px; }
      .inside { padding: 0 12px 0 12px; display: grid; gap: 8px; }
      .does { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
      .does .round:first-of-type { margin-inline-start: auto; }
      .visitor { --visitor-width: 100%; max-width: 340px; }
      blockquote { margin: 0; padding: 8px 12px; border-inline-start: 3px solid var(--accent); background: color-mix(in srgb, var(--text) 4%, transparent); border-radius: 0 8px 8px 0; overflow-wrap: anywhere; }
      .own { padding: 16px; margin-block-end: 16px; }
      .own h2 { margin: 0 0 12px; font-size: 20px; font-weight: 400; color: var(--text); }
      .undo { position: absolute; inset-block-end: 16px; inset-inline: 16px; max-width: 420px; margin-inline: auto; display: flex; align-items: center; gap: 8px; background: #323232; color: #fff; border-radius: 28px; padding: 4px 8px 4px 20px; box-shadow: 0 2px 12px rgba(0, 0, 0, 0.4); }
      .undo span { flex: 1; }
      .undo button { color: #8fd3ff; font-weight: 500; }
    `,
  ];

  protected override arrived(): void {
    this.deafen();
    this.deafen = this.house.hear((event) => this.happened(event));
    this.enter();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("box") || (this.mailbox && this.mailbox.box !== this.chosen)) this.enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.deafen();
    this.deafen = () => undefined;
    this.mailbox?.close();
    this.mailbox = null;
  }

  private get boxes(): Box[] {
    return boxesOf(this.house.store, v("mine"));
  }

  /** Who has no box of their own looks into the first door's. */
  private get chosen(): string {
    const { boxes } = this;
    return boxes.some(({ key }) => key === this.box) ? this.box : (boxes[0]?.key ?? this.box);
  }

  private enter(): void {
    if (!this.house || this.mailbox?.box === this.chosen) return;
    this.mailbox?.close();
    this.open = "";
    const later = (ms: number, work: () => void): (() => void) => {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    };
    this.mailbox = new Mailbox({ ask: this.house.ask, later, changed: () => this.requestUpdate() }, this.chosen);
    void this.load();
  }

  protected override render(): TemplateResult {
    const { boxes, mailbox, chosen } = this;
    const own = chosen === "" && boxes.some(({ key }) => key === "");
    const shown = mailbox?.messages ?? [];
    return html`<div class="head">
        ${boxes.length < 2 ? html`<h1>${t("voicemail")}</h1>` : html`<div class="filters" role="group" aria-label=${v("boxes")}>
          ${boxes.map((box) => html`<button aria-pressed=${box.key === chosen} @click=${() => (this.box = box.key)}>${box.title}${box.fresh ? ` · ${box.fresh}` : ""}</button>`)}
        </div>`}
        ${own ? html`<button class="round" aria-pressed=${this.settings} aria-label=${v("settings")} title=${v("settings")} @click=${() => (this.settings = !this.settings)}>${icon(mdiCog)}</button>` : nothing}
      </div>
      <div class="list">
        ${own && this.settings ? html`<section class="card own" aria-label=${v("settings")}><h2>${v("settings")}</h2><pascom-mailbox-settings .house=${this.house}></pascom-mailbox-settings></section>` : nothing}
        ${this.problem ? html`<div class="empty" role="alert">${icon(mdiAlertCircleOutline)}${this.problem}</div>` : nothing}
        ${shown.length ? html`<div class="card messages">${shown.map((message) => this.message(message))}</div>` : nothing}
        ${shown.length || this.problem ? nothing : !mailbox?.loaded ? skeleton(t("connecting")) : html`<div class="empty">${icon(mdiVoicemail)}${this.nothing(own)}
          ${own && this.isOff && !this.settings ? html`<p><button class="filled" @click=${() => (this.settings = true)}>${v("settings")}</button></p>` : nothing}</div>`}
      </div>
      ${mailbox?.undoable.length ? html`<div class="undo" role="status"><span>${v("deleted")}</span><button @click=${() => mailbox.undo()}>${v("undo")}</button></div>` : nothing}`;
  }

  private nothing(own: boolean): string {
    return own && this.isOff ? v("off") : v("none");
  }

  private get isOff(): boolean {
    return this.house.store.user(this.house.store.me.user)?.voicemail_enabled === false;
  }

  private message(message: Recorded): TemplateResult {
    const { house } = this;
    const visitor = this.chosen !== "";
    const name = message.caller_name || house.store.nameOfNumber(message.caller) || house.names.of(message.caller) || message.caller || t("unknown");
    const open = this.open === message.id;
    const moment = house.format.moment(message.at);
    return html`<article class="message ${open ? "open" : ""} ${message.heard ? "" : "fresh"}" aria-label="${name}, ${moment}">
      <div class="row">
        <button class="what" aria-expanded=${open} @click=${() => (this.open = open ? "" : message.id)}>
          ${face(name, { symbol: visitor ? mdiBell : undefined, picture: house.store.pictureOf(message.caller) })}
          <span><span class="name" style="display:block">${name}</span><span class="more" style="display:block">${message.heard ? moment : `${v("new")} · ${moment}`}</span></span>
        </button>
        <span class="time">${length(message.seconds)}</span>
        ${message.heard ? nothing : html`<span class="new"></span>`}
        ${open ? nothing : html`<button class="round" aria-label="${t("play")}: ${name}" title=${t("play")} @click=${() => void this.playAt(message.id)}>${icon(mdiPlay)}</button>`}
      </div>
      ${open ? this.inside(message, name, visitor) : nothing}
    </article>`;
  }

  private inside(message: Recorded, name: string, visitor: boolean): TemplateResult {
    const { mailbox, house } = this;
    const written = this.written[message.id];
    const calls = /\d/.test(message.caller) && !visitor;
    const mark = message.heard ? v("mark_new") : v("mark_heard");
    return html`<div class="inside">
      ${message.picture ? html`<pascom-visitor class="visitor" .label=${v("visitor", { name })} .fetch=${() => mailbox?.picture(message.id) ?? Promise.resolve("")}></pascom-visitor>` : nothing}
      <pascom-message-player .seconds=${message.seconds} .speaker=${house.choices.speaker} .fetch=${() => mailbox?.sound(message.id) ?? Promise.resolve("")}
        @played=${() => (message.heard ? undefined : void this.asks(() => mailbox?.mark(message.id, true)))}></pascom-message-player>
      ${written === undefined ? nothing : html`<blockquote dir="auto">${written || v("nothing_understood")}</blockquote>`}
      <div class="does">
        ${calls ? html`<button class="tonal" @click=${() => void house.dial(message.caller, name)}>${icon(mdiPhone)}${t("call_back")}</button>` : nothing}
        ${written === undefined ? html`<button class="plain" @click=${() => void this.write(message.id)}>${icon(mdiTextBoxOutline)}${v("write_down")}</button>` : nothing}
        <button class="round" aria-label=${mark} title=${mark} @click=${() => void this.asks(() => mailbox?.mark(message.id, !message.heard))}>${icon(message.heard ? mdiEmailMarkAsUnread : mdiEmailOpenOutline)}</button>
        <button class="round" aria-label=${v("delete")} title=${v("delete")} @click=${() => this.discard(message.id)}>${icon(mdiDeleteOutline)}</button>
      </div>
    </div>`;
  }

  /** Opens it and begins to play. */
  private async playAt(id: string): Promise<void> {
    this.open = id;
    await this.updateComplete;
    await this.renderRoot.querySelector<MessagePlayer>("article.open pascom-message-player")?.play();
  }

  private discard(id: string): void {
    this.mailbox?.remove(id, (error) => this.house.say(refusal(error).message, true));
  }

  /** What was said, as Home Assistant's speech-to-text understands it. */
  private async write(id: string): Promise<void> {
    this.house.say(v("writing"));
    await this.asks(async () => {
      const { text } = await this.house.act<{ text: string }>("transcribe_voicemail", { message: id });
      this.written = { ...this.written, [id]: text };
    });
  }

  private happened(event: PbxEvent): void {
    if (event.kind !== "voicemail_received" && event.kind !== "voicemail_changed") return;
    const box = event.door ? `door:${event.door}` : "";
    if (box === this.mailbox?.box) void this.load();
  }

  private async load(): Promise<void> {
    try {
      await this.mailbox?.load();
      this.problem = "";
    } catch (error) {
      this.problem = refusal(error).message;
    }
  }

  private async asks(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }
}
