/** What a line is heard and seen by: its session, the microphone and the camera, the speaker. */

import type { Ask } from "../link";
import type { Line } from "./line";
import type { Path, Peer, Sample } from "./peer";
import { judged } from "./quality";
import { Session } from "./session";
import { Troubled, type Camera, type Microphone, type Speaker } from "./sound";

export interface MediaParts {
  ask: Ask;
  makePeer: () => Promise<Peer>;
  makeSpeaker: () => Speaker;
  microphone: Microphone;
  camera: Camera;
}

type Offered = { session: string; offer: string };

/** Looks without a new frame after which nobody is seen any more: a busy machine may skip one. */
const STILL = 2;
const NO_SAMPLE: Sample = { received: 0, lost: 0, jitter: 0, roundTrip: null, pictures: 0, alive: 0 };

export class LineMedia {
  /** Done once the PBX knows the session. */
  opened: Promise<unknown> = Promise.resolve();
  /** The microphone is gone: unplugged, or taken away. */
  onUnplugged: () => void = () => undefined;
  /** How the session that is heard gets through the network; `fresh` where a new one was found. */
  onPath: (path: Path, fresh: boolean) => void = () => undefined;
  /** The camera was switched on or off, or unplugged. */
  onFilm: () => void = () => undefined;
  onChange: () => void = () => undefined;
  private session: Session | null = null;
  /** One that is to take over once it is connected. */
  private trial: Session | null = null;
  private works = false;
  private stream: MediaStream | null = null;
  private track: MediaStreamTrack | null = null;
  private film: MediaStreamTrack | null = null;
  private readonly speaker: Speaker;
  private sample = NO_SAMPLE;
  /** Looks since something moved. */
  private still = 0;
  /** When something came last, epoch milliseconds. */
  private alive = 0;
  private closed = false;

  constructor(
    private readonly parts: MediaParts,
    private readonly line: Line,
  ) {
    this.speaker = parts.makeSpeaker();
  }

  /** What is said here, for a meter of its level. */
  get microphone(): MediaStreamTrack | null {
    return this.track;
  }

  get own(): MediaStreamTrack | null {
    return this.film;
  }

  /** A new session by `begin`; one that runs is heard until the new one is connected.  Raises what the PBX refuses. */
  connect<T extends { answer: string }>(begin: (given: Offered) => Promise<T>): Promise<T> {
    const made = this.begin(begin);
    this.opened = made;
    this.opened.catch(() => undefined);
    return made;
  }

  /** Opens the microphone, anew where it has another one by now.  Raises Troubled. */
  async speak(): Promise<void> {
    const track = await this.parts.microphone.open();
    if (this.closed) {
      track.stop();
      return;
    }
    this.silence();
    this.track = track;
    this.line.listens = false;
    this.mute();
    track.onended = () => this.track === track && this.onUnplugged();
    await this.each((peer) => peer.send(track));
    this.onChange();
  }

  /** Goes on without a microphone. */
  async listen(): Promise<void> {
    this.silence();
    this.line.listens = true;
    await this.each((peer) => peer.send(null));
    this.onChange();
  }

  /** What is muted or on hold sends nothing. */
  mute(): void {
    if (this.track) this.track.enabled = !this.line.muted && !this.line.held;
    if (this.film) this.film.enabled = !this.line.held;
  }

  /** Shows us at the other end, or no more.  Raises Troubled. */
  async show(shown: boolean): Promise<void> {
    const film = shown ? await this.parts.camera.open() : null;
    if (this.closed) {
      film?.stop();
      return;
    }
    this.film?.stop();
    this.film = film;
    this.line.camera = film !== null;
    if (film) film.onended = () => this.film === film && void this.show(false);
    this.mute();
    await this.each((peer) => peer.film(film));
    this.onFilm();
    this.onChange();
  }

  /** Another speaker was chosen. */
  relocate(): void {
    if (this.stream) this.speaker.play(this.stream);
  }

  /** How good the line was since the last look, and who is seen.  For how many seconds nothing came, null before there was a path. */
  async measure(now: number): Promise<number | null> {
    const { session, line } = this;
    if (!session || !this.works) return null;
    const sample = await session.peer.sample();
    if (this.session !== session) return null;
    line.quality = judged(this.sample, sample) ?? line.quality;
    this.still = sample.pictures > this.sample.pictures ? 0 : this.still + 1;
    line.picture = sample.pictures && this.still < STILL ? this.stream : null;
    if (sample.alive !== this.sample.alive || !this.alive) this.alive = now;
    this.sample = sample;
    return (now - this.alive) / 1000;
  }

  /** `told` is false where the PBX knows that the call is over. */
  close(): void {
    this.closed = true;
    this.silence();
    this.film?.stop();
    this.film = null;
    this.speaker.stop();
    this.trial?.close(false);
    this.session?.close(false);
    this.session = this.trial = null;
    this.line.picture = null;
  }

  private async begin<T extends { answer: string }>(begin: (given: Offered) => Promise<T>): Promise<T> {
    const session = new Session(this.parts.ask, await this.parts.makePeer());
    const { peer } = session;
    if (this.closed) {
      session.close(false);
      throw { code: "closed", message: "" };
    }
    if (this.session && this.works) {
      this.trial?.close();
      this.trial = session;
    } else {
      this.session?.close();
      this.session = session;
    }
    let stream: MediaStream | null = null;
    peer.onStream = (given) => {
      stream = given;
      if (this.session === session) this.hear(given);
    };
    session.onPath = (path) => {
      // One that is tried says only that it works: until then the one before is heard, or nobody.
      const fresh = path === "connected" && (this.trial === session || !this.works);
      if (this.trial === session && fresh) {
        this.session?.close();
        this.session = session;
        this.trial = null;
      }
      if (this.session !== session) return;
      if (fresh) {
        this.works = true;
        this.alive = 0;
        if (stream) this.hear(stream);
      }
      this.onPath(path, fresh);
    };
    if (this.track) await peer.send(this.track);
    if (this.film) await peer.film(this.film);
    try {
      return await session.open(begin);
    } catch (error) {
      this.failed(session);
      throw error;
    }
  }

  private failed(session: Session): void {
    session.close(false);
    if (this.trial === session) this.trial = null;
    else if (this.session === session) this.session = null;
  }

  private async each(work: (peer: Peer) => Promise<void>): Promise<void> {
    await Promise.all([this.session, this.trial].map((session) => session && work(session.peer)));
  }

  private hear(stream: MediaStream): void {
    if (stream === this.stream) return;
    this.stream = stream;
    this.sample = NO_SAMPLE;
    this.speaker.play(stream);
  }

  private silence(): void {
    if (this.track) this.track.onended = null;
    this.track?.stop();
    this.track = null;
  }
}

/** Why there is no microphone, or null where the error is another one. */
export function troubleOf(error: unknown): Troubled["trouble"] | null {
  return error instanceof Troubled ? error.trouble : null;
}
