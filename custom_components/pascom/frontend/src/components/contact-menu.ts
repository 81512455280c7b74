/** What can be done with somebody of the contacts. */

import { html, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { canSpeak } from "../data/engine/sound";
import { refusal } from "../data/link";
import { t } from "../data/texts";
import { copy } from "./clipboard";
import { Part } from "./element";
import { mdiAccountGroup, mdiAccountVoice, mdiContentCopy, mdiDoorOpen, mdiPhone, mdiPhoneForward, mdiPhonePlus, mdiStar, mdiStarOutline, mdiVoicemail } from "./icons";
import "./menu";
import type { Menu } from "./menu";
import { item, menus } from "./menu-items";
import type { Entry } from "./people";
import { t as p } from "../data/people-texts";
import { t as w } from "../data/team-texts";
import { shared } from "./style";

/** Rooms offered for a guest. */
const MOST_ROOMS = 6;

@customElement("pascom-contact-menu")
export class ContactMenu extends Part {
  @state() private entry: Entry | null = null;
  @query("pascom-menu") private readonly menu!: Menu;

  static override styles = [shared, menus];

  async show(entry: Entry, anchor: Element): Promise<void> {
    this.entry = entry;
    await this.updateComplete;
    this.menu.show(anchor);
  }

  protected override render(): TemplateResult {
    const { entry } = this;
    return html`<pascom-menu .label=${entry?.title ?? ""}>${entry ? this.items(entry) : ""}</pascom-menu>`;
  }

  private items(entry: Entry): TemplateResult[] {
    const { store, choices } = this.house;
    const favourite = choices.favourites.includes(entry.key);
    const shown: TemplateResult[] = [];
    if (entry.kind === "door") shown.push(item(mdiDoorOpen, p("look_at_door"), () => this.go({ door: entry.name })));
    else if (entry.kind === "room") shown.push(item(mdiAccountVoice, p("look_into_room"), () => this.go({ room: entry.name })));
    else if (entry.kind === "team") shown.push(item(mdiAccountGroup, w("look_at"), () => this.go({ team: entry.name })));
    for (const { number, note } of this.numbers(entry)) shown.push(...this.calls(entry, number, note));
    if (entry.kind === "user")
      for (const room of (store.snapshot?.rooms ?? []).slice(0, MOST_ROOMS))
        shown.push(item(mdiPhonePlus, p("invite_into", { room: room.display_name }), () => void this.invite(room.name, entry)));
    if (entry.kind === "door" && store.door(entry.name)?.voicemail !== null) shown.push(item(mdiVoicemail, p("messages_of_visitors"), () => this.go({ area: "voicemail", place: `door:${entry.name}` })));
    if (entry.number) shown.push(item(mdiContentCopy, p("copy_number"), () => void copy(this.house, entry.number), { note: entry.number }));
    shown.push(item(favourite ? mdiStar : mdiStarOutline, favourite ? p("no_favourite") : p("make_favourite"), () => this.house.favour(entry.key)));
    return shown;
  }

  /** Calling it, by whichever device; while one talks, passing that call on. */
  private calls(entry: Entry, number: string, note: string): TemplateResult[] {
    const { engine, store } = this.house;
    const call = (device?: string) => (): void => void this.house.dial(number, entry.title, device);
    const talking = engine.live.find((line) => line.phase === "talking" && !line.held) ?? engine.live.find((line) => line.phase === "talking");
    const phones = (store.user(store.me.user)?.devices ?? []).filter(({ kind, registered }) => kind !== "browser" && registered);
    return [
      ...(talking && entry.kind !== "door" ? [item(mdiPhoneForward, p("transfer_here"), () => void this.house.transfer(talking, number), { note })] : []),
      ...(canSpeak() ? [item(mdiPhone, talking ? p("ask_first") : t("call"), call("browser"), { note })] : []),
      ...phones.map((phone) => item(mdiPhone, p("call_by", { device: nameOf(phone.name, phone.kind) }), call(phone.name), { note })),
    ];
  }

  private numbers(entry: Entry): { number: string; note: string }[] {
    if (entry.kind !== "contact") return entry.number ? [{ number: entry.number, note: "" }] : [];
    const contact = this.house.phonebook.get(Number(entry.name));
    return (contact?.numbers ?? []).map(({ number }) => ({ number, note: number }));
  }

  private go(detail: object): void {
    this.dispatchEvent(new CustomEvent("show", { detail, bubbles: true, composed: true }));
  }

  private async invite(room: string, entry: Entry): Promise<void> {
    try {
      await this.house.ask("room/invite", { room, number: entry.number });
      this.house.say(t("room_invited", { number: entry.title }));
    } catch (error) {
      this.house.say(refusal(error).message, true);
    }
  }
}

/** The devices that everybody has have no name of their own. */
export function nameOf(name: string, kind: string): string {
  if (kind === "mobile") return p("device_mobile");
  if (kind === "browser") return t("this_browser");
  return name === "phone" ? p("device_phone") : name;
}
