/** One's own picture: from a file, from the camera, or initials. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { face, faces } from "../../components/avatar";
import "../../components/availability";
import type { Availability } from "../../components/availability";
import { icon, mdiAccountEdit, mdiCamera, mdiDeleteOutline, mdiUpload, mdiVoicemail } from "../../components/icons";
import { presenceText } from "../../components/people";
import { shared } from "../../components/style";
import { canSpeak } from "../../data/engine/sound";
import { t as p } from "../../data/people-texts";
import { dragged, draw, read, sent } from "../../data/picture";
import { presenceOf } from "../../data/presence";
import { t as s } from "../../data/settings-texts";
import { t } from "../../data/texts";
import { cards, Section } from "./section";

@customElement("pascom-settings-face")
export class FaceSettings extends Section {
  @state() private picture: ImageBitmap | null = null;
  @state() private film: MediaStream | null = null;
  @state() private zoom = 1;
  private moved: [number, number] = [0, 0];
  private mirrored = false;
  /** What draws the picture about, and where it was last. */
  private finger: { id: number; x: number; y: number } | null = null;
  @query("canvas") private readonly canvas!: HTMLCanvasElement | null;
  @query("video") private readonly video!: HTMLVideoElement | null;
  @query("pascom-availability") private readonly availability!: Availability;

  static override styles = [
    shared,
    cards,
    faces,
    css`
      .who { display: flex; gap: 16px; align-items: center; }
      .who > div { min-width: 0; flex: 1; }
      .who .name { font-size: 20px; }
      .stage { position: relative; width: min(256px, 100%); aspect-ratio: 1; margin-inline: auto; border-radius: 50%; overflow: hidden; background: #101418; touch-action: none; cursor: grab; }
      .stage:active { cursor: grabbing; }
      canvas, video { width: 100%; height: 100%; object-fit: cover; display: block; }
      video { transform: scaleX(-1); }
      input[type="file"] { display: none; }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.close();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { store } = this.house;
    const user = store.user(store.me.user);
    if (user === undefined) return nothing;
    const picture = store.pictures[user.name];
    return html`<section class="card" aria-label=${s("me")}>
      <div class="who">${face(user.display_name, { size: "large", picture, presence: presenceOf(user) })}
        <div><div class="name">${user.display_name}</div><div class="about">${presenceText(user)} · ${user.extension}</div></div></div>
      ${this.film || this.picture ? this.stage() : html`<div class="does">
        <button class="tonal" @click=${() => this.renderRoot.querySelector<HTMLInputElement>("[type=file]")?.click()}>${icon(mdiUpload)}${s("picture_choose")}</button>
        ${canSpeak() ? html`<button class="tonal" @click=${() => void this.film_()}>${icon(mdiCamera)}${s("picture_take")}</button>` : nothing}
        ${picture ? html`<button class="tonal" @click=${() => void this.keep(null)}>${icon(mdiDeleteOutline)}${s("picture_initials")}</button>` : nothing}
      </div>`}
      <input type="file" accept="image/*" aria-label=${s("picture_choose")} @change=${(event: Event) => void this.chosen(event.target as HTMLInputElement)} />
      <div class="does">
        <button class="tonal" aria-haspopup="dialog" @click=${(event: Event) => this.availability.show(event.currentTarget as Element)}>${icon(mdiAccountEdit)}${p("change_availability")}</button>
        ${user.voicemail_enabled === null ? nothing : html`<button class="tonal" @click=${() => this.dispatchEvent(new CustomEvent("show", { detail: { area: "voicemail" }, bubbles: true, composed: true }))}>${icon(mdiVoicemail)}${t("voicemail")}</button>`}
      </div>
      <pascom-availability .house=${this.house}></pascom-availability>
    </section>`;
  }

  private stage(): TemplateResult {
    return html`<div class="stage" @pointerdown=${this.grab} @pointermove=${this.drag} @pointerup=${this.release} @pointercancel=${this.release}>
        ${this.film ? html`<video .srcObject=${this.film} autoplay playsinline .muted=${true}></video>` : html`<canvas aria-label=${s("picture_shown")} role="img"></canvas>`}
      </div>
      ${this.picture ? html`<label>${s("picture_size")}<input type="range" min="1" max="4" step="0.05" .value=${String(this.zoom)} @input=${(event: InputEvent) => (this.zoom = Number((event.target as HTMLInputElement).value))} /></label>
        <span class="about">${s("picture_move")}</span>` : nothing}
      <div class="does">
        ${this.film ? html`<button class="filled" @click=${this.snap}>${icon(mdiCamera)}${s("picture_snap")}</button>` : html`<button class="filled" @click=${() => this.canvas && void this.keep(sent(this.canvas))}>${s("picture_keep")}</button>`}
        <button class="tonal" @click=${() => this.close()}>${s("cancel")}</button>
      </div>`;
  }

  protected override updated(): void {
    if (this.canvas && this.picture) draw(this.canvas, this.picture, this.zoom, this.moved, this.mirrored);
  }

  private readonly grab = (event: PointerEvent): void => {
    if (!this.picture || event.button !== 0) return;
    const stage = event.currentTarget as HTMLElement;
    stage.setPointerCapture(event.pointerId);
    this.finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
  };

  private readonly drag = ({ pointerId: id, clientX: x, clientY: y, currentTarget }: PointerEvent): void => {
    const { finger, picture } = this;
    if (finger?.id !== id || !picture) return;
    const by = [(x - finger.x) * (this.mirrored ? -1 : 1), y - finger.y] as const;
    this.moved = dragged([picture.width, picture.height], this.zoom, this.moved, by, (currentTarget as HTMLElement).clientWidth);
    this.finger = { id, x, y };
    this.requestUpdate();
  };

  private readonly release = (): void => {
    this.finger = null;
  };

  private async chosen(field: HTMLInputElement): Promise<void> {
    const [file] = field.files ?? [];
    field.value = "";
    if (!file) return;
    try {
      this.show(await read(file), false);
    } catch {
      this.house.say(s("picture_unreadable"), true);
    }
  }

  private async film_(): Promise<void> {
    const { camera } = this.house.choices;
    try {
      this.film = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 720 }, ...(camera ? { deviceId: { ideal: camera } } : {}) } });
    } catch {
      this.house.say(s("camera_none"), true);
    }
  }

  private readonly snap = async (): Promise<void> => {
    const { video } = this;
    if (video === null) return;
    // A camera takes a moment; whoever was quicker has their picture as soon as there is one.
    if (!video.videoWidth) await new Promise((seen) => video.addEventListener("loadeddata", seen, { once: true }));
    if (this.film) this.show(await createImageBitmap(video), true);
  };

  private show(picture: ImageBitmap, mirrored: boolean): void {
    this.close();
    Object.assign(this, { zoom: 1, moved: [0, 0], mirrored });
    this.picture = picture;
  }

  private async keep(data: string | null): Promise<void> {
    if (await this.asks(() => this.house.tell("picture/set", { data, ...(data === null ? { initials: true } : {}) }))) this.close();
  }

  private close(): void {
    for (const track of this.film?.getTracks() ?? []) track.stop();
    this.film = null;
    this.picture?.close();
    this.picture = null;
  }
}
