/** Peers, a microphone and a PBX that tests steer. */

import { Engine } from "../engine";
import type { Candidate, Path, Peer, Sample } from "../peer";
import type { Tone } from "../sound";
import { Troubled, type Trouble } from "../sound";

export class FakePeer implements Peer {
  onCandidate: (candidate: Candidate) => void = () => undefined;
  onPath: (path: Path) => void = () => undefined;
  onStream: (stream: MediaStream) => void = () => undefined;
  sent: (MediaStreamTrack | null)[] = [];
  answer = "";
  closed = false;
  filmed: (MediaStreamTrack | null)[] = [];
  next: Sample = { received: 0, lost: 0, jitter: 0, roundTrip: null, pictures: 0, alive: 0 };

  offer(): Promise<string> {
    return Promise.resolve("offer");
  }
  /** As a connection that is closed meanwhile: it never takes the answer in. */
  stalls = false;
  accept(answer: string): Promise<void> {
    this.answer = answer;
    if (this.stalls) return new Promise(() => undefined);
    return Promise.resolve();
  }
  send(track: MediaStreamTrack | null): Promise<void> {
    this.sent.push(track);
    return Promise.resolve();
  }
  film(track: MediaStreamTrack | null): Promise<void> {
    this.filmed.push(track);
    return Promise.resolve();
  }
  sample(): Promise<Sample> {
    return Promise.resolve(this.next);
  }
  close(): void {
    this.closed = true;
  }
}

export class FakeTrack {
  enabled = true;
  stopped = false;
  onended: (() => void) | null = null;
  stop(): void {
    this.stopped = true;
  }
}

/** What was asked of the PBX, and what it says: a result, an Error-like to raise, or nothing for `{}`. */
export class FakePbx {
  asked: [string, Record<string, unknown>][] = [];
  says: Record<string, unknown> = {
    "phone/connect": { answer: "pbx" },
    "phone/take": { leg: "l8", call: "c8", answer: "pbx" },
    "phone/dial": { leg: "l9", call: "c9", answer: "pbx" },
    "door/watch": { answer: "pbx" },
    "door/rights": { see: true, talk: true, open: true },
  };

  ask = <T>(command: string, fields: object = {}): Promise<T> => {
    this.asked.push([command, fields as Record<string, unknown>]);
    const said = this.says[command];
    return said instanceof Refused ? Promise.reject(said) : Promise.resolve((said ?? {}) as T);
  };

  commands(): string[] {
    return this.asked.map(([command]) => command);
  }
}

export class Refused {
  constructor(
    readonly code: string,
    readonly message: string,
  ) {}
}

export interface Bench {
  engine: Engine;
  pbx: FakePbx;
  peers: FakePeer[];
  tracks: FakeTrack[];
  tones: (Tone | "")[];
  films: FakeTrack[];
  later: { seconds: number; work: () => void }[];
  /** What the other tabs were told and say. */
  others: { told: boolean[]; talking: boolean; ringing: boolean };
  unplugged: boolean[];
  played: unknown[];
  refuse(trouble: Trouble | null): void;
  /** From now on answers are never taken in. */
  stall(): void;
  /** Epoch milliseconds. */
  now: number;
}

export function bench(): Bench {
  const pbx = new FakePbx();
  const made: Omit<Bench, "engine"> & { trouble: Trouble | null; stalls: boolean } = {
    pbx, peers: [], tracks: [], films: [], tones: [], later: [], trouble: null, others: { told: [], talking: false, ringing: false },
    unplugged: [], played: [], now: 1000,
    stalls: false,
    stall: () => (made.stalls = true),
    refuse: (trouble) => (made.trouble = trouble),
  };
  const engine = new Engine({
    ask: pbx.ask,
    device: "tab-1",
    makePeer: () => {
      const peer = new FakePeer();
      peer.stalls = made.stalls;
      made.peers.push(peer);
      return Promise.resolve(peer);
    },
    makeSpeaker: () => ({ play: (stream) => made.played.push(stream), stop: () => undefined }),
    microphone: {
      open: () => {
        if (made.trouble) return Promise.reject(new Troubled(made.trouble));
        const track = new FakeTrack();
        made.tracks.push(track);
        return Promise.resolve(track as unknown as MediaStreamTrack);
      },
    },
    camera: {
      open: () => {
        if (made.trouble) return Promise.reject(new Troubled(made.trouble));
        const film = new FakeTrack();
        made.films.push(film);
        return Promise.resolve(film as unknown as MediaStreamTrack);
      },
    },
    others: {
      talks: (talks) => made.others.told.push(talks),
      get talking() {
        return made.others.talking;
      },
      get ringing() {
        return made.others.ringing;
      },
    },
    unplugged: (another) => made.unplugged.push(another),
    ringer: { ring: (tone) => made.tones.push(tone), hush: () => made.tones.push(""), still: () => made.tones.push("") },
    tone: (line) => (line.door ? "door" : "classic"),
    later: (seconds, work) => made.later.push({ seconds, work }),
    now: () => made.now,
  });
  return Object.assign(made, { engine });
}

/** Lets what was begun go on as far as it can. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
}
