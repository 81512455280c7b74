/** All of it together, once for a page of Home Assistant: panels come and go, this stays. */

import { attend } from "./attentive";
import { deviceName, keepChoices, readChoices, type Chime, type Choices } from "./choices";
import { AppMicrophone } from "./engine/app";
import { Doors, type Gone } from "./engine/door";
import type { Engine, Line } from "./engine/engine";
import { BrowserPeer } from "./engine/peer";
import { canSpeak, type BrowserMicrophone, type BrowserRinger } from "./engine/sound";
import { Format, localeOf } from "./format";
import { watchPage } from "./idle";
import { missedSince } from "./journal";
import { Link, refusal, type Hass } from "./link";
import { Names } from "./names";
import { Phonebook } from "./phonebook";
import { askedFor, pbxsOf, usedOf, type Pbx } from "./pbxs";
import { Preferred } from "./preferences";
import { Store } from "./store";
import { Telephone } from "./telephone";
import { t as ct } from "./call-texts";
import { speak, t, whenSpoken } from "./texts";
import type { Door, Message, PbxEvent, Preferences, Room } from "./wire";

/** Something said at the edge of the page for a while. */
export interface Notice {
  id: number;
  text: string;
  bad: boolean;
  /** What one may press; it stays until one does. */
  offers?: readonly Offer[];
}

export interface Offer {
  text: string;
  take: () => void;
}

export class House {
  readonly store = new Store();
  readonly ringer: BrowserRinger;
  readonly microphone: BrowserMicrophone;
  readonly engine: Engine;
  readonly telephone: Telephone;
  readonly doors: Doors;
  /** The Home Assistant app's own microphone, for doors where this page may have none. */
  readonly app: AppMicrophone;
  readonly phonebook: Phonebook;
  /** Of numbers that are in a phonebook. */
  readonly names: Names;
  readonly preferred: Preferred;
  /** Asks the browser whether this device is used; `true` from a press, to be allowed. */
  readonly detect: (ask: boolean) => Promise<boolean>;
  choices: Choices = readChoices();
  format = new Format("en");
  notices: readonly Notice[] = [];
  language = "";
  dark = false;
  private unsubscribe: (() => void) | null = null;
  private iceServers: Promise<RTCIceServer[]> | null = null;
  private readonly shown = new Map<object, string>();
  private noticed = 0;
  private hass: Hass | null = null;
  private auth: Hass["auth"];
  private patience = 2500;
  private readonly returned: () => void;
  private readonly met = new Set<string>();
  private readonly curious = new Set<(event: PbxEvent) => void>();

  constructor(
    private readonly link: Link,
    readonly device: string,
    /** Those to choose from, empty where there is one. */
    public pbxs: readonly Pbx[] = [],
  ) {
    const servers = (): Promise<RTCIceServer[]> => (this.iceServers ??= link.iceServers());
    this.telephone = new Telephone({
      ask: link.ask,
      device,
      servers,
      choices: () => this.choices,
      changed: () => this.changed(),
      tone: (line) => this.toneOf(line),
      unplugged: (another) => this.say(ct(another ? "microphone_changed" : "microphone_gone"), !another),
    });
    this.engine = this.telephone.engine;
    this.ringer = this.telephone.ringer;
    this.microphone = this.telephone.microphone;
    this.app = new AppMicrophone(() => this.auth?.external, (door) => link.cameraOf(door), window);
    this.doors = new Doors({
      ask: link.ask,
      microphone: this.microphone,
      app: this.app,
      speaks: canSpeak,
      now: () => Date.now(),
      makePeer: async (talks) => new BrowserPeer(await servers(), { looks: true, talks: talks && canSpeak() }),
      me: () => this.store.me.user,
      gone: (gone) => this.doorGone(gone),
      ring: (rings) => (rings && !this.telephone.quiet ? this.ringer.ring(this.choices.doorTone) : this.ringer.hush()),
      rings: () => this.choices.rings,
    });
    this.phonebook = new Phonebook(link.ask, () => this.store.changed());
    this.names = new Names(link.ask, () => this.store.changed());
    this.preferred = new Preferred(link.tell, () => this.store.changed());
    const { presence, detect } = watchPage({
      after: () => this.preferred.value.away_after,
      talks: () => this.engine.live.length > 0,
      tell: (idle) => void link.idle(idle).catch(() => undefined),
    });
    this.detect = detect;
    this.returned = () => presence.again();
    this.doors.onChange = () => this.changed();
    whenSpoken(() => this.store.changed());
  }

  /** Whether something rings or talks here, or would: a page that nobody sees is kept for it, but not in the app. */
  get serves(): boolean {
    const { engine, doors, choices, store } = this;
    if (engine.live.length || doors.ringing || doors.talking) return true;
    return choices.rings && canSpeak() && !this.auth?.external && store.me.linked;
  }

  /** Whether one can talk at doors: by this page's microphone, or by the app's. */
  get talksAtDoors(): boolean {
    return canSpeak() || this.app.there;
  }

  private toneOf(line: Line): Chime {
    if (line.door) return this.choices.doorTone;
    const number = this.store.call(line.call)?.number;
    const team = number && this.store.snapshot?.teams.some(({ extension }) => extension === number);
    return team ? this.choices.teamTone : this.choices.tone;
  }

  private changed(): void {
    const { engine, doors } = this;
    this.telephone.busy(engine.live.length > 0 || doors?.ringing !== undefined || doors?.talking !== undefined);
    this.store.changed();
  }

  /** The config entry of the PBX that this page uses. */
  get entry(): string {
    return this.link.entry;
  }

  /** What another PBX is called, which this page does not use; empty for its own. */
  otherThan(entry: string): string {
    if (!entry || !this.entry || entry === this.entry) return "";
    this.meet([entry]);
    return this.pbxs.find(({ entry_id }) => entry_id === entry)?.name ?? "…";
  }

  /** One that came while this page was open is asked for its name. */
  meet(entries: readonly string[]): void {
    const fresh = entries.filter((entry) => entry !== this.entry && !this.met.has(entry));
    if (!this.entry || !fresh.length) return;
    for (const entry of fresh) this.met.add(entry);
    if (fresh.every((entry) => this.pbxs.some(({ entry_id }) => entry_id === entry))) return;
    void this.link.pbxs().then((pbxs) => {
      this.pbxs = pbxs;
      this.store.changed();
    });
  }

  get ask(): Link["ask"] {
    return this.link.ask;
  }

  get tell(): Link["tell"] {
    return this.link.tell;
  }

  get act(): Link["act"] {
    return this.link.act.bind(this.link);
  }

  /** Hears what happens, as the PBX tells it. */
  hear(listener: (event: PbxEvent) => void): () => void {
    this.curious.add(listener);
    return () => this.curious.delete(listener);
  }

  /** Whatever Home Assistant says of language and theme. */
  note(hass: Hass): void {
    const dark = hass.themes?.darkMode ?? false;
    this.auth = hass.auth;
    this.hass = hass;
    const language = this.choices.language || hass.language;
    if (language !== this.language) {
      this.language = language;
      const { time_format: wanted } = hass.locale ?? {};
      this.format = new Format(language, wanted === "12" ? true : wanted === "24" ? false : undefined);
      this.phonebook.speak(localeOf(language));
      void speak(language);
    }
    if (dark !== this.dark) {
      this.dark = dark;
      this.store.changed();
    }
  }

  async start(): Promise<void> {
    this.unsubscribe?.();
    this.unsubscribe = null;
    try {
      void this.preferred.load().then(() => this.detect(false));
      this.unsubscribe = await this.link.subscribe(this.choices.rings && canSpeak(), (message) => this.heard(message));
    } catch (error) {
      this.store.phase = refusal(error).code === "unknown_command" || refusal(error).code === "not_found" ? "missing" : "away";
      this.store.changed();
      this.patience = Math.min(60_000, this.patience * 2);
      setTimeout(() => this.unsubscribe ?? void this.start(), this.patience);
    }
  }

  choose(changes: Partial<Choices>): void {
    this.adopt({ ...this.choices, ...changes });
    keepChoices(this.choices);
  }

  /** What was chosen, here or in another tab. */
  adopt(choices: Choices): void {
    const { rings: rang, microphone, speaker } = this.choices;
    this.choices = choices;
    if (microphone !== this.choices.microphone || speaker !== this.choices.speaker)
      void this.engine.devices(microphone !== this.choices.microphone);
    if (rang !== this.choices.rings) void this.start();
    if (this.hass) this.note(this.hass);
    this.store.changed();
  }

  favour(key: string): void {
    const { favourites } = this.choices;
    this.choose({ favourites: favourites.includes(key) ? favourites.filter((each) => each !== key) : [...favourites, key] });
  }

  /** Who has looked at the journal has seen what they missed, on whatever device. */
  sawJournal(): void {
    this.store.missed = 0;
    void this.preferred.look().catch(() => undefined);
  }

  /** Calls that were missed since somebody last looked here. */
  private async countMissed(): Promise<void> {
    await this.preferred.load();
    const { me } = this.store;
    if (!me.user || this.store.phase !== "ready") return;
    const { seen } = this.preferred.value;
    if (!seen) {
      this.sawJournal();
      return;
    }
    try {
      const missed = await missedSince(this.ask, me.user, seen);
      if (seen !== this.preferred.value.seen) return;
      this.store.missed = missed;
      this.store.changed();
    } catch {
      // A PBX that goes away tells nobody what was missed; it is asked again when it is back.
    }
  }

  /** Calls a number by this browser, or lets a desk phone ring first. */
  async dial(number: string, name = "", outgoing = this.choices.outgoing): Promise<void> {
    const clean = number.trim();
    if (!clean) return;
    this.choose({ last: clean });
    if (outgoing === "browser" && canSpeak()) {
      await this.engine.dial(clean, name || this.store.nameOfNumber(clean));
      return;
    }
    try {
      await this.ask("call/dial", { number: clean, ...(outgoing === "browser" ? {} : { device: outgoing }) });
      this.say(t("desk_phone_rings"));
    } catch (error) {
      this.say(refusal(error).message, true);
    }
  }

  /** Gives a call to somebody else; it stays ours where the PBX refuses, in whose words the call says so. */
  async transfer(line: Line, number: string): Promise<void> {
    if (await this.engine.steering.transfer(line, number))
      this.say(ct("transferred", { name: this.store.nameOfNumber(number) || number }));
  }

  /** Both go on in a conference room, where others can join them. */
  async intoRoom(line: Line, { name: room, extension, display_name: name }: Room): Promise<void> {
    // Who steers the room opens its door; anybody else is asked for the PIN there.
    await this.ask("room/expect", { room, call: line.call }).catch(() => undefined);
    if (await this.engine.steering.transfer(line, extension)) await this.engine.dial(extension, name);
  }

  /** What `who` on this page shows of its calls: `calls`, `door:front`, empty for nothing any more. */
  shows(who: object, calls: string): void {
    if ((this.shown.get(who) ?? "") === calls) return;
    if (calls) this.shown.set(who, calls);
    else this.shown.delete(who);
    this.store.changed();
  }

  isShown(calls: string): boolean {
    return [...this.shown.values()].includes(calls);
  }

  say(text: string, bad = false): void {
    const gone = this.show({ text, bad });
    setTimeout(gone, 5000);
  }

  /** Asks something at the edge of the page, until it is answered. */
  offer(text: string, offers: readonly Offer[]): void {
    const gone = this.show({ text, bad: false, offers: offers.map(({ text, take }) => ({ text, take: () => (gone(), take()) })) });
  }

  private show(notice: Omit<Notice, "id">): () => void {
    const shown = { ...notice, id: (this.noticed += 1) };
    this.notices = [...this.notices, shown];
    this.store.changed();
    return () => {
      this.notices = this.notices.filter((each) => each !== shown);
      this.store.changed();
    };
  }

  private heard(message: Message): void {
    this.store.take(message);
    if (message.type === "legs") this.engine.legs(message.legs);
    else if (message.type === "preferences") this.prefer(message.preferences);
    else if (message.type === "snapshot") {
      this.store.snapshot?.doors.forEach((door) => this.bell(door));
      // What happened while the PBX was away was told to nobody.
      void this.countMissed();
      void this.phonebook.refresh();
      if (this.store.me.linked) this.returned();
    } else if (message.type === "connected" && !message.connected) {
      this.engine.lost();
      this.doors.lost();
    } else if (message.type === "event") {
      this.doors.happened(message.event);
      this.engine.happened(message.event);
      if (message.event.kind === "phonebook_changed") {
        this.phonebook.happened(message.event);
        this.names.forget();
      }
      for (const hear of [...this.curious]) hear(message.event);
    }
    this.recall();
  }

  /** Another page of this person changed something, or this one. */
  private prefer(preferences: Preferences): void {
    const { seen, away_after } = this.preferred.value;
    this.preferred.take(preferences);
    if (seen !== preferences.seen) void this.countMissed();
    if (away_after !== preferences.away_after) void this.detect(false);
  }

  /** Does not answer the door here; a bell that rings on this page falls silent too. */
  declineDoor(door: string): void {
    for (const line of this.engine.ringing) if (line.door === door) this.engine.hangUp(line);
    this.doors.dismiss(door);
    this.doors.leave(door);
  }

  /** After a reload the PBX knows who is at the other end, and since when. */
  private recall(): void {
    for (const line of this.engine.live) {
      const call = line.name || line.number || !line.leg ? undefined : this.store.call(line.call);
      const other = call?.parties.find((party) => party.user !== this.store.me.user);
      if (!call || !other) continue;
      line.name = other.name;
      line.number = other.number;
      if (call.answered && line.answered !== null) line.answered = Date.parse(call.answered);
      line.held = call.parties.some((party) => party.device === `browser:${this.link.device}` && party.state === "holding");
    }
  }

  /** A door that rang before this page was there. */
  private bell({ name, state, ring }: Door): void {
    if (state !== "ringing" || !ring || ring.answered_by || this.doors.line(name)?.ring) return;
    this.doors.happened({ kind: "door_rang", door: name, ring: ring.id, button: ring.button, rings: ring.rings });
  }

  private doorGone({ door, how, by }: Gone): void {
    const name = this.store.nameOf(door);
    if (how === "answered" && by === this.store.me.user) this.say(`${name}: ${t("answered_elsewhere")}`);
    else if (how === "answered") this.say(t("door_answered_by", { door: name, by: this.store.nameOf(by) }));
    else this.say(t("door_gone", { door: name }));
  }
}

let house: Promise<House> | null = null;

/** The one of this page, at one PBX. */
export function houseOf(hass: Hass, entries: readonly string[] = []): Promise<House> {
  house ??= made(hass, entries);
  void house.then((made) => {
    made.note(hass);
    made.meet(entries);
  });
  return house;
}

async function made(hass: Hass, entries: readonly string[]): Promise<House> {
  const [device, pbxs] = await Promise.all([deviceName(), entries.length > 1 ? pbxsOf(hass.connection) : []]);
  const used = usedOf(pbxs, askedFor(location.search, sessionStorage), readChoices().pbx) || (entries[0] ?? "");
  const house = new House(new Link(hass.connection, device, used), device, pbxs);
  void house.start();
  attend(house, hass.connection);
  return house;
}
