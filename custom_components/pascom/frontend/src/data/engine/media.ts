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
const NO_SAMPLE: Sample = { received: 0, lost: 0, jitter: 0, roundTrip: null, pictures: 0 };

export class LineMedia {
  /** Done once the PBX knows the session. */
  opened: Promise<unknown> = Promise.resolve();
  /** The microphone is gone: unplugged, or taken away. */
  onUnplugged: () => void = () => undefined;
  onPath: (path: Path) => void = () => undefined;
  onChange: () => void = () => undefined;
  private session: Session | null = null;
  private before: Session | null = null;
  private stream: MediaStream | null = null;
  private track: MediaStreamTrack | null = null;
  private film: MediaStreamTrack | null = null;
  private readonly speaker: Speaker;
  private sample = NO_SAMPLE;
  /** Looks since something moved. */
  private still = 0;
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
    await this.session?.peer.send(track);
    this.onChange();
  }

  /** Goes on without a microphone. */
  async listen(): Promise<void> {
    this.silence();
    this.line.listens = true;
    await this.session?.peer.send(null);
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
    await this.session?.peer.film(film);
    this.onChange();
  }

  /** Another speaker was chosen. */
  relocate(): void {
    if (this.stream) this.speaker.play(this.stream);
  }

  /** How good the line was since the last look, and whether the other end is seen. */
  async measure(): Promise<void> {
    const { session, line } = this;
    if (!session) return;
    const sample = await session.peer.sample();
    if (this.session !== session) return;
    line.quality = judged(this.sample, sample) ?? line.quality;
    this.still = sample.pictures > this.sample.pictures ? 0 : this.still + 1;
    line.picture = sample.pictures && this.still < STILL ? this.stream : null;
    this.sample = sample;
  }

  /** `told` is false where the PBX knows that the call is over. */
  close(): void {
    this.closed = true;
    this.silence();
    this.film?.stop();
    this.film = null;
    this.speaker.stop();
    this.before?.close(false);
    this.session?.close(false);
    this.session = this.before = null;
    this.line.picture = null;
  }

  private async begin<T extends { answer: string }>(begin: (given: Offered) => Promise<T>): Promise<T> {
    const session = new Session(this.parts.ask, await this.parts.makePeer());
    const { peer } = session;
    this.before?.close();
    this.before = this.session;
    this.session = session;
    let stream: MediaStream | null = null;
    peer.onStream = (given) => {
      stream = given;
      if (this.session === session && this.before === null) this.hear(given);
    };
    session.onPath = (path) => {
      if (this.session !== session) return;
      if (path === "connected") {
        this.before?.close();
        this.before = null;
        if (stream) this.hear(stream);
      }
      this.onPath(path);
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

  /** The one before is heard on, where there is one. */
  private failed(session: Session): void {
    session.close(false);
    if (this.session !== session) return;
    this.session = this.before;
    this.before = null;
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
