/** Looking at doors and talking with them: one session a door, its picture at once, the microphone when one talks. */

import { sentenceInWords } from "../faults";
import { refusal, type Ask } from "../link";
import type { DoorEvent, PbxEvent } from "../wire";
import type { DoorMicrophone } from "./app";
import type { Peer } from "./peer";
import { Session } from "./session";
import { Troubled, type Microphone, type Trouble } from "./sound";

export interface Rights {
  see: boolean;
  talk: boolean;
  open: boolean;
}

export type View = "closed" | "connecting" | "watching" | "talking";

export interface DoorLine {
  readonly door: string;
  view: View;
  stream: MediaStream | null;
  rights: Rights | null;
  /** Of a ring that waits for an answer here. */
  ring: string;
  button: string;
  /** Epoch milliseconds. */
  since: number;
  muted: boolean;
  /** The app's microphone is the one that is heard: it has no mute. */
  app: boolean;
  opening: boolean;
  opened: number;
  trouble: Trouble | null;
  problem: string;
}

/** How a ring went that nobody answered here, to be read for a moment. */
export interface Gone {
  door: string;
  how: "answered" | "missed" | "ended";
  by: string;
}

export interface DoorParts {
  ask: Ask;
  makePeer: (talks: boolean) => Promise<Peer>;
  microphone: Microphone;
  /** What talks where this page has no microphone. */
  app: DoorMicrophone;
  /** Whether this page could have a microphone itself. */
  speaks: () => boolean;
  me: () => string;
  gone: (gone: Gone) => void;
  ring: (rings: boolean) => void;
  /** Whether this page is one that rings. */
  rings: () => boolean;
  now: () => number;
}

interface Works {
  session: Session | null;
  track: MediaStreamTrack | null;
  /** Whoever wants to talk before the picture is there waits for it. */
  connecting: Promise<DoorLine> | null;
  /** Stops the app's microphone. */
  stop: () => void;
}

const nothing = (): void => undefined;

export class Doors {
  lines: readonly DoorLine[] = [];
  onChange: () => void = () => undefined;
  private readonly works = new Map<string, Works>();

  constructor(private readonly parts: DoorParts) {}

  get ringing(): DoorLine | undefined {
    return this.lines.find((line) => line.ring !== "");
  }

  get talking(): DoorLine | undefined {
    return this.lines.find((line) => line.view === "talking");
  }

  line(door: string): DoorLine | undefined {
    return this.lines.find((line) => line.door === door);
  }

  // What people do

  /** Resolves when there is a picture, or none to be had: `view` and `problem` tell. */
  watch(door: string): Promise<DoorLine> {
    const line = this.line(door) ?? this.begin(door);
    const works = this.work(door);
    if (line.view === "closed") works.connecting = this.connect(line);
    else if (line.view !== "connecting") return Promise.resolve(line);
    return works.connecting ?? Promise.resolve(line);
  }

  async talk(door: string): Promise<void> {
    const line = await this.watch(door);
    const works = this.work(door);
    if (line.view !== "watching" || !works.session) return;
    line.trouble = null;
    line.app = !this.parts.speaks() && this.parts.app.there;
    try {
      if (line.app) works.stop = await this.parts.app.start(door, () => this.appStopped(line));
      else {
        const track = await this.parts.microphone.open();
        works.track = track;
        track.onended = () => works.track === track && void this.unplugged(line);
        await works.session.peer.send(track);
      }
      line.view = "talking";
      line.muted = false;
      line.since = this.parts.now();
      this.answered(line);
    } catch (error) {
      if (error instanceof Troubled) line.trouble = error.trouble;
      else line.problem = refusal(error).message;
    }
    this.onChange();
  }

  mute(line: DoorLine, muted = !line.muted): void {
    line.muted = muted;
    const { track } = this.work(line.door);
    if (track) track.enabled = !muted;
    this.onChange();
  }

  async open(door: string): Promise<void> {
    const line = this.line(door) ?? this.begin(door);
    line.opening = true;
    line.problem = "";
    this.onChange();
    try {
      await this.parts.ask("door/open", { door });
      line.opened = this.parts.now();
    } catch (error) {
      line.problem = refusal(error).message;
    }
    line.opening = false;
    this.onChange();
  }

  /** Ends the door's call for everybody, as one who hangs up. */
  async end(door: string): Promise<void> {
    const line = this.line(door);
    const talked = line?.view === "talking";
    this.dismiss(door);
    this.leave(door);
    if (talked) await this.parts.ask("door/end", { door }).catch(() => undefined);
  }

  /** Rings here no more; elsewhere it goes on. */
  dismiss(door: string): void {
    const line = this.line(door);
    if (line) this.answered(line);
    this.onChange();
  }

  /** Looks no more. */
  leave(door: string): void {
    const line = this.line(door);
    if (line && line.view !== "closed") this.closed(line, "", true);
  }

  // What the PBX says

  happened(event: PbxEvent): void {
    if (event.kind === "session_ended") {
      const line = this.lines.find((each) => this.works.get(each.door)?.session?.id === event.session);
      if (line) this.closed(line, event.code === "ended" ? "" : sentenceInWords(event.message), false);
      return;
    }
    if (!("door" in event) || event.kind === "phone_rang") return;
    if (event.kind === "door_rang") this.rang(event);
    else if (event.kind === "door_answered") this.over(event, "answered");
    else if (event.kind === "door_missed") this.over(event, "missed");
    else if (event.kind === "door_ended") this.over(event, "ended");
    else if (event.kind === "door_opened") {
      const line = this.line(event.door);
      if (line) line.opened = this.parts.now();
      this.onChange();
    }
  }

  /** The PBX is gone. */
  lost(): void {
    for (const line of this.lines) {
      this.answered(line);
      this.closed(line, "", false);
    }
  }

  // Inside

  /** Whom the door rings is shown it at once; everybody else sees it ring in the list. */
  private rang(event: DoorEvent): void {
    const me = this.parts.me();
    if (!me || (event.rings?.length && !event.rings.includes(me))) return;
    const line = this.line(event.door) ?? this.begin(event.door);
    line.ring = event.ring;
    line.button = event.button ?? "";
    line.since = this.parts.now();
    line.problem = "";
    if (this.parts.rings()) {
      this.parts.ring(true);
      void this.watch(event.door);
    }
    this.onChange();
  }

  private over(event: DoorEvent, how: Gone["how"]): void {
    const line = this.line(event.door);
    if (line === undefined) return;
    const mine = line.view === "talking" && how === "answered" && event.by === this.parts.me();
    if (line.ring && line.ring === event.ring && !mine) {
      this.parts.gone({ door: event.door, how, by: event.by ?? "" });
      this.answered(line);
      this.closed(line, "", true);
    } else if (how === "ended" && line.view === "talking") this.closed(line, "", true);
    this.onChange();
  }

  /** The microphone was unplugged: another one talks, or one goes on looking and is told why. */
  private async unplugged(line: DoorLine): Promise<void> {
    const { since } = line;
    line.view = "watching";
    await this.talk(line.door);
    if (line.view as View === "talking") line.since = since;
    this.onChange();
  }

  /** The app ended its microphone by itself: one goes on looking. */
  private appStopped(line: DoorLine): void {
    if (line.view !== "talking") return;
    this.work(line.door).stop = nothing;
    line.view = "watching";
    line.trouble = "app";
    this.onChange();
  }

  private answered(line: DoorLine): void {
    line.ring = "";
    if (!this.ringing) this.parts.ring(false);
  }

  private async connect(line: DoorLine): Promise<DoorLine> {
    const { door } = line;
    line.view = "connecting";
    line.problem = "";
    this.onChange();
    try {
      line.rights ??= await this.parts.ask<Rights>("door/rights", { door });
      if (line.view as View === "closed") return line;
      const session = new Session(this.parts.ask, await this.parts.makePeer(line.rights.talk));
      const works = this.work(door);
      works.session = session;
      session.peer.onStream = (stream) => {
        line.stream = stream;
        this.onChange();
      };
      session.onPath = (path) => path === "failed" && this.closed(line, "");
      await session.open((given) => this.parts.ask<{ answer: string }>("door/watch", { door, ...given }));
      if (line.view as View === "connecting") line.view = "watching";
    } catch (error) {
      this.closed(line, refusal(error).message);
    }
    this.onChange();
    return line;
  }

  private begin(door: string): DoorLine {
    const line: DoorLine = {
      door, view: "closed", stream: null, rights: null, ring: "", button: "", since: 0, muted: false, app: false, opening: false,
      opened: 0, trouble: null, problem: "",
    };
    this.works.set(door, { session: null, track: null, connecting: null, stop: nothing });
    this.lines = [...this.lines, line];
    return line;
  }

  private closed(line: DoorLine, problem: string, told = true): void {
    const works = this.work(line.door);
    works.track?.stop();
    works.stop();
    works.stop = nothing;
    works.session?.close(told);
    works.session = works.track = null;
    line.view = "closed";
    line.stream = null;
    if (problem) line.problem = problem;
    this.onChange();
  }

  private work(door: string): Works {
    const works = this.works.get(door) ?? { session: null, track: null, connecting: null, stop: nothing };
    this.works.set(door, works);
    return works;
  }
}
