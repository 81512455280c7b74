/** All calls of this browser.  It knows no page: whatever is shown or torn down, calls go on here. */

import { refusal, type Ask } from "../link";
import type { LegSeen, PbxEvent, PhoneChanged, PhoneRang } from "../wire";
import type { Path, Peer, Sample } from "./peer";
import { INPUTS, next, type Action, type Input, type Phase } from "./phases";
import { judged, type Quality } from "./quality";
import { Session } from "./session";
import { Troubled, type Microphone, type Ringer, type Speaker, type Tone, type Trouble } from "./sound";

export interface Line {
  readonly id: number;
  readonly incoming: boolean;
  leg: string;
  call: string;
  phase: Phase;
  name: string;
  number: string;
  door: string;
  muted: boolean;
  held: boolean;
  /** Epoch milliseconds. */
  began: number;
  answered: number | null;
  ended: number | null;
  /** Of the end: Q.850's number and the PBX's words; who took the call instead. */
  cause: number;
  reason: string;
  elsewhere: boolean;
  by: string;
  quality: Quality | null;
  path: Path;
  trouble: Trouble | null;
  /** What the PBX refused, in its words. */
  problem: string;
}

/** What a line has besides what is shown. */
interface Works {
  session: Session | null;
  opened: Promise<unknown>;
  track: MediaStreamTrack | null;
  speaker: Speaker;
  sample: Sample;
  renewing: boolean;
}

export interface Parts {
  ask: Ask;
  device: string;
  makePeer: () => Promise<Peer>;
  makeSpeaker: () => Speaker;
  microphone: Microphone;
  ringer: Ringer;
  tone: () => Tone;
  later: (seconds: number, work: () => void) => void;
  now: () => number;
}

const NO_SAMPLE: Sample = { received: 0, lost: 0, jitter: 0, roundTrip: null };
/** How long one reads why a call ended. */
const SHOWN = 4;
const LOST_PATIENCE = 3;
const RENEW_EVERY = 4;
const MOST_EARLY = 19;

export class Engine {
  lines: readonly Line[] = [];
  onChange: () => void = () => undefined;
  private readonly works = new Map<number, Works>();
  private count = 0;
  private silenced = false;
  private early: readonly PhoneChanged[] = [];

  constructor(private readonly parts: Parts) {}

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

  // What people do

  async dial(number: string, name = ""): Promise<void> {
    const line = this.begin({ incoming: false, phase: "dialling", number, name });
    this.holdOthers(line);
    try {
      const track = await this.parts.microphone.open();
      if (line.phase === "ended") return track.stop();
      const works = this.work(line);
      works.track = track;
      const session = await this.newSession(line);
      await session.peer.send(track);
      const begun = await session.open<{ leg: string; call: string; answer: string }>((given) =>
        this.parts.ask("phone/dial", { device: this.parts.device, number, ...given }),
      );
      line.leg = begun.leg;
      line.call = begun.call;
      if (this.phaseOf(line) === "ended") this.tell(line, "phone/hang_up");
      else this.parts.ringer.ring("back");
      this.take(line, "rings");
      this.early.filter((event) => event.leg === begun.leg).forEach((event) => this.changed(event));
    } catch (error) {
      this.note(line, error);
      this.take(line, "refused");
    }
    return undefined;
  }

  async answer(line: Line): Promise<void> {
    if (line.phase !== "ringing") return;
    line.trouble = null;
    line.problem = "";
    this.take(line, "answer");
    this.holdOthers(line);
    try {
      const works = this.work(line);
      const [track] = await Promise.all([this.parts.microphone.open(), works.opened]);
      if (this.phaseOf(line) === "ended") return track.stop();
      works.track = track;
      track.enabled = !line.muted;
      await works.session?.peer.send(track);
      await this.parts.ask("phone/answer", { leg: line.leg });
      this.take(line, "answered");
    } catch (error) {
      this.note(line, error);
      this.take(line, "refused");
    }
    return undefined;
  }

  hangUp(line: Line): void {
    this.take(line, "hang_up");
  }

  /** What rings now is heard no more; what rings next is. */
  silence(): void {
    this.silenced = true;
    this.parts.ringer.hush();
  }

  mute(line: Line, muted = !line.muted): void {
    line.muted = muted;
    const track = this.works.get(line.id)?.track;
    if (track) track.enabled = !muted && !line.held;
    this.onChange();
  }

  async hold(line: Line, held = !line.held): Promise<void> {
    if (line.phase !== "talking" || line.held === held) return;
    if (!held) this.holdOthers(line);
    await this.steer(line, held ? "call/hold" : "call/resume", {}, () => {
      line.held = held;
      this.mute(line, line.muted);
    });
  }

  press(line: Line, digits: string): void {
    void this.parts.ask("phone/dtmf", { leg: line.leg, digits }).catch((error: unknown) => this.note(line, error));
  }

  /** Blind: whoever is at the other end speaks with this number, and we are out of it. */
  transfer(line: Line, number: string): Promise<void> {
    return this.steer(line, "call/transfer", { number });
  }

  /** Attended: those of both calls are left with each other. */
  connect(line: Line, other: Line): Promise<void> {
    return this.steer(line, "call/transfer", { to_call: other.call });
  }

  /** Three in one call. */
  merge(line: Line, other: Line): Promise<void> {
    return this.steer(line, "call/conference", { other: other.call }, () => {
      for (const each of [line, other]) each.held = false;
      for (const each of [line, other]) this.mute(each, each.muted);
    });
  }

  remove(line: Line, number: string): Promise<void> {
    return this.steer(line, "call/remove", { number });
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
      this.onChange();
    }
  }

  /** The calls that the PBX still has for this page: after a reload, or when it came back. */
  legs(seen: LegSeen[]): void {
    for (const line of this.live)
      if (line.leg && !seen.some((each) => each.leg === line.leg)) this.take(line, "ended");
    for (const each of seen) {
      if (each.state === "ended" || this.lines.some((line) => line.leg === each.leg)) continue;
      const phase = each.state === "answered" ? "talking" : "calling";
      const line = this.begin({ incoming: false, phase, leg: each.leg, call: each.call });
      if (phase === "talking") line.answered = this.parts.now();
      void this.renew(line);
    }
  }

  /** The PBX is gone: what rings can be answered no more; who talks may be found again. */
  lost(): void {
    for (const line of this.lines)
      if (line.phase === "ringing" || line.phase === "dialling") this.take(line, "ended");
  }

  /** Another way into the network: look for a new path at once instead of waiting for the old one to die. */
  networkChanged(): void {
    for (const line of this.live) if (line.leg && line.phase !== "ringing") void this.renew(line);
  }

  /** What every two seconds shows how good the lines are. */
  async measure(): Promise<void> {
    for (const line of this.live) {
      const works = this.works.get(line.id);
      if (line.phase !== "talking" || !works?.session) continue;
      const sample = await works.session.peer.sample();
      line.quality = judged(works.sample, sample) ?? line.quality;
      works.sample = sample;
    }
    this.onChange();
  }

  // Inside

  private rang(event: PhoneRang): void {
    if (this.lines.some((line) => line.leg === event.leg)) return;
    const { leg, call, name, number, door } = event;
    const line = this.begin({ incoming: true, phase: "ringing", leg, call, name, number, door });
    const works = this.work(line);
    // A door is seen and heard by a session of its own; its ring here is but a bell.
    if (!door) works.opened = this.open(line);
    works.opened.catch(() => undefined);
    this.silenced = false;
    this.ringOn();
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
    if (event.state === "ended") {
      line.cause = event.cause;
      line.reason = event.reason;
      line.elsewhere = event.elsewhere;
    }
    const input = INPUTS[event.state];
    if (input === "rings" && line.incoming) this.onChange();
    else if (input) {
      if (event.state === "early") this.parts.ringer.hush();
      this.take(line, input);
    }
  }

  private begin(given: Partial<Line> & Pick<Line, "incoming" | "phase">): Line {
    const line: Line = {
      id: (this.count += 1), leg: "", call: "", name: "", number: "", door: "", muted: false, held: false,
      began: this.parts.now(), answered: null, ended: null, cause: 0, reason: "", elsewhere: false, by: "",
      quality: null, path: "connecting", trouble: null, problem: "", ...given,
    };
    this.works.set(line.id, {
      session: null, opened: Promise.resolve(), track: null, speaker: this.parts.makeSpeaker(), sample: NO_SAMPLE,
      renewing: false,
    });
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
      this.parts.ringer.hush();
    }
    if (phase === "ended" && before !== "ended") this.ends(line);
    for (const action of actions) this.act(line, action);
    this.ringOn();
    this.onChange();
  }

  private act(line: Line, action: Action): void {
    if (action === "reject") this.tell(line, "phone/reject");
    else if (action === "hang_up") this.tell(line, "phone/hang_up");
    else if (action === "hush") this.parts.ringer.hush();
    else if (action === "close") this.close(line);
  }

  private ends(line: Line): void {
    line.ended = this.parts.now();
    if (!line.incoming) this.parts.ringer.hush();
    this.parts.later(SHOWN, () => this.forget(line));
  }

  forget(line: Line): void {
    if (line.phase !== "ended") return;
    this.lines = this.lines.filter((each) => each !== line);
    this.onChange();
  }

  private close(line: Line): void {
    const works = this.works.get(line.id);
    this.works.delete(line.id);
    works?.track?.stop();
    works?.speaker.stop();
    works?.session?.close(false);
  }

  /** The tone of what rings now, if anything does; who talks already hears but a knock. */
  private ringOn(): void {
    const line = this.ringing[0];
    if (line === undefined) {
      if (!this.live.some((each) => !each.incoming && each.phase === "calling")) this.parts.ringer.hush();
      return;
    }
    if (this.silenced) return;
    const talks = this.live.some((each) => each.phase === "talking" || each.phase === "answering");
    this.parts.ringer.ring(talks ? "knock" : line.door ? "door" : this.parts.tone());
  }

  private holdOthers(line: Line): void {
    for (const other of this.live)
      if (other !== line && other.phase === "talking" && !other.held) void this.hold(other, true);
  }

  private async steer(line: Line, command: string, fields: object, done: () => void = () => undefined): Promise<void> {
    line.problem = "";
    try {
      await this.parts.ask(command, { call: line.call, ...fields });
      done();
    } catch (error) {
      this.note(line, error);
    }
    this.onChange();
  }

  private async newSession(line: Line): Promise<Session> {
    const works = this.work(line);
    const session = new Session(this.parts.ask, await this.parts.makePeer());
    works.session?.close();
    works.session = session;
    works.sample = NO_SAMPLE;
    session.peer.onStream = (stream) => works.speaker.play(stream);
    session.onPath = (path) => this.path(line, session, path);
    return session;
  }

  private async open(line: Line): Promise<void> {
    const session = await this.newSession(line);
    const { track } = this.work(line);
    if (track) await session.peer.send(track);
    await session.open((given) => this.parts.ask<{ answer: string }>("phone/connect", { leg: line.leg, ...given }));
  }

  private path(line: Line, session: Session, path: Path): void {
    const works = this.works.get(line.id);
    if (works?.session !== session) return;
    line.path = path;
    if (path === "failed") void this.renew(line);
    else if (path === "lost")
      this.parts.later(LOST_PATIENCE, () => {
        if (this.works.get(line.id)?.session === session && line.path === "lost") void this.renew(line);
      });
    this.onChange();
  }

  /** A new session for the same leg, until one is found or the PBX gives the call up. */
  private async renew(line: Line): Promise<void> {
    const works = this.works.get(line.id);
    if (works === undefined || works.renewing || line.phase === "ended") return;
    works.renewing = true;
    line.path = "lost";
    this.onChange();
    try {
      works.track ??= await this.parts.microphone.open();
      works.track.enabled = !line.muted && !line.held;
      await (works.opened = this.open(line));
    } catch (error) {
      if (error instanceof Troubled || refusal(error).code === "not_found") this.note(line, error);
      if (refusal(error).code === "not_found") this.take(line, "ended");
      else this.parts.later(RENEW_EVERY, () => void this.renew(line));
    } finally {
      works.renewing = false;
    }
  }

  private work(line: Line): Works {
    const works = this.works.get(line.id);
    if (works === undefined) throw { code: "not_found", message: "" };
    return works;
  }

  private tell(line: Line, command: string): void {
    if (line.leg) void this.parts.ask(command, { leg: line.leg }).catch(() => undefined);
  }

  private note(line: Line, error: unknown): void {
    if (error instanceof Troubled) line.trouble = error.trouble;
    else line.problem = refusal(error).message;
    this.onChange();
  }

  /** TypeScript believes a phase it has seen; time passes in between. */
  private phaseOf(line: Line): Phase {
    return line.phase;
  }
}
