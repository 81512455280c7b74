/** All calls of this browser.  It knows no page: whatever is shown or torn down, calls go on here. */

import { refusal } from "../link";
import type { LegSeen, PbxEvent, PhoneChanged, PhoneRang } from "../wire";
import { Bells } from "./bells";
import { brokeOff, newLine, type Given, type Line } from "./line";
import { LineMedia, troubleOf, type MediaParts } from "./media";
import { INPUTS, next, type Action, type Input, type Phase } from "./phases";
import { Recovery } from "./recovery";
import type { Ringer, Tone } from "./sound";
import { Steering } from "./steering";

export type { Line } from "./line";

/** The other tabs of this browser. */
export interface Others {
  /** Whether this tab talks, in which calls, and so rings for none of them. */
  talks(talks: boolean, calls: readonly string[]): void;
  /** Whether another one talks. */
  readonly talking: boolean;
  /** Whether another one rings for this one. */
  readonly ringing: boolean;
}

export interface Parts extends MediaParts {
  device: string;
  ringer: Ringer;
  tone: (line: Line) => Tone;
  others: Others;
  /** The microphone was unplugged: whether another one is heard now. */
  unplugged: (another: boolean) => void;
  later: (seconds: number, work: () => void) => void;
  now: () => number;
}

/** Seconds that one reads why a call ended; a call that broke off is shown until one has decided, or for long. */
const SHOWN = 4;
const SHOWN_BROKEN = 120;
const SHOWN_TROUBLE = 20;
const MOST_EARLY = 19;

export class Engine {
  lines: readonly Line[] = [];
  onChange: () => void = () => undefined;
  readonly steering: Steering;
  private readonly bells: Bells;
  private readonly recovery: Recovery;
  private readonly medias = new Map<number, LineMedia>();
  private count = 0;
  private early: readonly PhoneChanged[] = [];

  constructor(private readonly parts: Parts) {
    this.steering = new Steering(parts.ask, () => this.settle());
    this.bells = new Bells(parts.ringer, parts.tone, () => parts.others.talking || parts.others.ringing);
    this.recovery = new Recovery({
      media: (line) => this.medias.get(line.id),
      open: (line) => this.open(line),
      over: (line) => this.broken(line),
      givenUp: (line) => {
        this.tell(line, "phone/hang_up");
        this.broken(line, true);
      },
      unplugged: parts.unplugged,
      changed: () => this.onChange(),
      later: parts.later,
      now: parts.now,
    });
  }

  /** The line one speaks on, or would: the newest that is not on hold. */
  get current(): Line | undefined {
    const live = this.live.filter((line) => line.phase !== "ringing");
    return live.findLast((line) => !line.held) ?? live.at(-1);
  }

  get live(): Line[] {
    return this.lines.filter((line) => line.phase !== "ended");
  }

  /** What ended last, while one may read how. */
  get over(): Line | undefined {
    return this.lines.filter((line) => line.ended !== null && !line.door).toSorted((a, b) => (a.ended ?? 0) - (b.ended ?? 0)).at(-1);
  }

  get ringing(): Line[] {
    return this.lines.filter((line) => line.phase === "ringing");
  }

  /** What is said and shown of this line, for its meter and one's own picture. */
  media(line: Line): LineMedia | undefined {
    return this.medias.get(line.id);
  }

  // What people do

  async dial(number: string, name = ""): Promise<void> {
    await this.place(this.begin({ incoming: false, phase: "dialling", number, name }), "phone/dial", { number });
  }

  /** Speaks on here what one speaks in another window or at another phone. */
  async takeOver(call: string, number: string, name: string): Promise<void> {
    await this.place(this.begin({ incoming: false, phase: "dialling", call, number, name, moves: true }), "phone/take", { call });
  }

  /** Without a microphone it goes on ringing and says why, unless one wants to listen alone. */
  async answer(line: Line, listens = false): Promise<void> {
    if (line.phase !== "ringing") return;
    line.trouble = null;
    line.problem = "";
    this.take(line, "answer");
    this.holdOthers(line);
    try {
      const media = this.mediaOf(line);
      await Promise.all([listens ? media.listen() : media.speak(), media.opened]);
      if (this.phaseOf(line) === "ended") return;
      await this.parts.ask("phone/answer", { leg: line.leg });
      this.take(line, "answered");
    } catch (error) {
      this.note(line, error);
      this.take(line, "refused");
    }
  }

  hangUp(line: Line): void {
    this.take(line, "hang_up");
  }

  /** Calls whom a line that broke off, or that nobody took, was with. */
  async again(line: Line): Promise<void> {
    const { number, name } = line;
    this.forget(line);
    if (number) await this.dial(number, name);
  }

  silence(): void {
    this.bells.silence();
  }

  mute(line: Line, muted = !line.muted): void {
    line.muted = muted;
    this.settle();
  }

  async hold(line: Line, held = !line.held): Promise<void> {
    if (line.phase !== "talking" || line.held === held) return;
    if (!held) this.holdOthers(line);
    await this.steering.hold(line, held, () => (line.held = held));
  }

  /** Another tab of this browser talks now; in `calls` it has our place, and hold would put it on hold there. */
  holdAll(calls: readonly string[] = []): void {
    for (const line of this.live)
      if (line.phase === "talking" && !line.held && !calls.includes(line.call)) void this.hold(line, true);
  }

  /** Another tab rings for all of this browser now, or none does any more. */
  ringsElsewhere(): void {
    this.bells.sound(this.lines);
  }

  /** Lets the other end see us, or no more. */
  async show(line: Line, shown = !line.camera): Promise<void> {
    try {
      await this.medias.get(line.id)?.show(shown);
    } catch (error) {
      line.problem = "";
      line.trouble = troubleOf(error) === "denied" ? "camera_denied" : "camera_missing";
    }
    this.onChange();
  }

  press(line: Line, digits: string): void {
    void this.parts.ask("phone/dtmf", { leg: line.leg, digits }).catch((error: unknown) => this.note(line, error));
  }

  /** Another microphone was chosen, or devices came or went. */
  async devices(chosen = false): Promise<void> {
    for (const line of this.live) {
      if (line.phase !== "talking") continue;
      if (chosen && !line.listens) await this.recovery.unplugged(line);
      else await this.recovery.plugged(line);
      this.medias.get(line.id)?.relocate();
    }
  }

  // What the PBX says

  happened(event: PbxEvent): void {
    if (event.kind === "phone_rang") this.rang(event);
    else if (event.kind === "phone_changed") this.changed(event);
    else if (event.kind === "call_answered") {
      for (const line of this.lines)
        if (line.call === event.call && line.incoming && line.phase !== "talking") line.by = event.by;
      this.onChange();
    } else if (event.kind === "call_changed") {
      const seats = event.state?.parties.filter((party) => party.device === `browser:${this.parts.device}`) ?? [];
      for (const line of this.lines)
        if (line.call === event.call && line.phase === "talking" && seats.length === 1 && seats[0]?.state !== "ringing")
          line.held = seats[0]?.state === "holding";
      this.settle();
    }
  }

  /** The calls that the PBX still has for this page: after a reload, or when it came back. */
  legs(seen: LegSeen[]): void {
    for (const line of this.live)
      if (line.leg && !seen.some((each) => each.leg === line.leg)) this.broken(line);
    for (const line of this.live) {
      if (line.leg && line.path === "lost") void this.recovery.hurry(line);
      if (line.camera) this.films(line);
    }
    for (const each of seen) {
      if (each.state === "ended" || this.lines.some((line) => line.leg === each.leg)) continue;
      const phase = each.state === "answered" ? "talking" : "calling";
      const line = this.begin({ incoming: false, phase, leg: each.leg, call: each.call, path: "lost" });
      if (phase === "talking") line.answered = this.parts.now();
      else if (each.state !== "early") this.bells.back();
      void this.recovery.renew(line);
    }
  }

  /** The PBX is gone: what rings can be answered no more; who talks may be found again. */
  lost(): void {
    for (const line of this.lines)
      if (line.phase === "ringing" || line.phase === "dialling") this.take(line, "ended");
  }

  /** Another way into the network: look for a new path at once instead of waiting for the old one to die. */
  networkChanged(): void {
    for (const line of this.live) if (line.leg && line.phase !== "ringing") void this.recovery.hurry(line);
  }

  /** What every second shows how good the lines are, and who is seen. */
  async measure(): Promise<void> {
    for (const line of this.live) {
      const silent = await this.medias.get(line.id)?.measure(this.parts.now());
      if (silent !== undefined) this.recovery.heard(line, silent);
    }
    this.onChange();
  }

  forget(line: Line): void {
    if (line.phase !== "ended") return;
    this.lines = this.lines.filter((each) => each !== line);
    this.onChange();
  }

  // Inside

  private async place(line: Line, command: string, fields: object): Promise<void> {
    this.holdOthers(line);
    try {
      const media = this.mediaOf(line);
      await media.speak();
      if (this.phaseOf(line) === "ended") return;
      await media.connect(async (given) => {
        const begun = await this.parts.ask<{ leg: string; call: string; answer: string }>(command, { device: this.parts.device, ...fields, ...given });
        // Who hangs up before the answer is taken in has a leg to hang up: a closed connection takes in nothing any more.
        line.leg = begun.leg;
        line.call = begun.call;
        if (this.phaseOf(line) === "ended") this.tell(line, "phone/hang_up");
        return begun;
      });
      if (this.phaseOf(line) !== "ended" && !line.moves) this.bells.back();
      this.take(line, "rings");
      this.early.filter((event) => event.leg === line.leg).forEach((event) => this.changed(event));
    } catch (error) {
      this.note(line, error);
      this.take(line, "refused");
    }
  }

  private rang(event: PhoneRang): void {
    if (this.lines.some((line) => line.leg === event.leg)) return;
    const { leg, call, name, number, door } = event;
    const line = this.begin({ incoming: true, phase: "ringing", leg, call, name, number, door });
    // A door is seen and heard by a session of its own; its ring here is but a bell.
    if (!door) this.open(line).catch(() => undefined);
    this.bells.rang();
    this.settle();
    if (event.auto_answer && !door) void this.answer(line);
  }

  private changed(event: PhoneChanged): void {
    const line = this.lines.find((each) => each.leg === event.leg);
    if (line === undefined) {
      // A room or a mailbox answers before the PBX has said which leg the call is.
      this.early = [...this.early.slice(-MOST_EARLY), event];
      return;
    }
    if (event.name || event.number) {
      line.name = event.name;
      line.number = event.number;
    }
    if (event.state === "ended" && line.phase !== "ended") {
      line.cause = event.cause;
      line.reason = event.reason;
      line.elsewhere = event.elsewhere;
      line.broken = brokeOff(line);
    }
    const input = INPUTS[event.state];
    if (input === "rings" && line.incoming) this.onChange();
    else if (input) {
      if (event.state === "early") this.bells.hush();
      this.take(line, input);
    }
  }

  private begin(given: Given): Line {
    const line = newLine((this.count += 1), this.parts.now(), given);
    const media = new LineMedia(this.parts, line);
    media.onPath = (path, fresh) => this.recovery.path(line, path, fresh);
    media.onFilm = () => this.films(line);
    media.onUnplugged = () => void this.recovery.unplugged(line);
    media.onChange = () => this.onChange();
    this.medias.set(line.id, media);
    this.lines = [...this.lines, line];
    this.onChange();
    return line;
  }

  private take(line: Line, input: Input): void {
    const before = line.phase;
    const [phase, actions] = next(before, input);
    line.phase = phase;
    if (phase === "talking" && before !== "talking") {
      line.answered = this.parts.now();
      this.bells.hush();
    }
    if (phase === "ended" && before !== "ended") this.ends(line);
    for (const action of actions) this.act(line, action);
    this.settle();
  }

  private act(line: Line, action: Action): void {
    if (action === "reject") this.tell(line, "phone/reject");
    else if (action === "hang_up") this.tell(line, "phone/hang_up");
    else if (action === "hush") this.bells.hush();
    else if (action === "close") this.close(line);
  }

  private ends(line: Line): void {
    line.ended = this.parts.now();
    if (!line.incoming) this.bells.hush();
    this.parts.later(line.broken ? SHOWN_BROKEN : line.trouble ? SHOWN_TROUBLE : SHOWN, () => this.forget(line));
  }

  private broken(line: Line, broken = line.answered !== null): void {
    line.broken = broken;
    this.take(line, "ended");
  }

  private close(line: Line): void {
    this.medias.get(line.id)?.close();
    this.medias.delete(line.id);
  }

  /** After whatever happened: what rings, what is sent, what other tabs do. */
  private settle(): void {
    for (const media of this.medias.values()) media.mute();
    const spoken = this.live.filter((line) => line.phase === "talking" || line.phase === "answering");
    this.parts.others.talks(spoken.length > 0, spoken.map((line) => line.call));
    this.bells.sound(this.lines);
    this.onChange();
  }

  private holdOthers(line: Line): void {
    for (const other of this.live)
      if (other !== line && other.phase === "talking" && !other.held) void this.hold(other, true);
  }

  private async open(line: Line): Promise<unknown> {
    return this.mediaOf(line).connect((given) =>
      this.parts.ask<{ answer: string }>("phone/connect", { leg: line.leg, ...given }),
    );
  }

  private mediaOf(line: Line): LineMedia {
    const media = this.medias.get(line.id);
    if (media === undefined) throw { code: "not_found", message: "" };
    return media;
  }

  private tell(line: Line, command: string, fields: object = {}): void {
    if (line.leg) void this.parts.ask(command, { leg: line.leg, ...fields }).catch(() => undefined);
  }

  /** A phone at the other end is offered the picture: phones do not look whether something comes. */
  private films(line: Line): void {
    this.tell(line, "phone/film", { shown: line.camera });
  }

  private note(line: Line, error: unknown): void {
    line.trouble = troubleOf(error);
    if (line.trouble === null) line.problem = refusal(error).message;
    this.onChange();
  }

  /** TypeScript believes a phase it has seen; time passes in between. */
  private phaseOf(line: Line): Phase {
    return line.phase;
  }
}
