/** What is heard and spoken here: the microphone, the other side, ring tones, keys. */

import type { Choices } from "../choices";

export type Trouble = "insecure" | "denied" | "missing" | "taken" | "camera_denied" | "camera_missing" | "app";

const TROUBLES: Record<string, Trouble> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "taken",
  AbortError: "taken",
};

/** Whether this page could ever have a microphone: browsers give none to pages that came by plain http. */
export function canSpeak(): boolean {
  return Boolean(globalThis.isSecureContext && navigator.mediaDevices);
}

export class Troubled extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
  }
}

export interface Microphone {
  /** A track of its own for whoever asks; they stop it.  Raises Troubled. */
  open(): Promise<MediaStreamTrack>;
}

export interface Camera {
  /** As the microphone's. */
  open(): Promise<MediaStreamTrack>;
}

export class BrowserMicrophone implements Microphone {
  constructor(private readonly choices: () => Choices) {}

  async open(): Promise<MediaStreamTrack> {
    if (!canSpeak()) throw new Troubled("insecure");
    const wanted = this.choices().microphone;
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const from = async (deviceId?: string): Promise<MediaStream> =>
      navigator.mediaDevices.getUserMedia({ audio: deviceId ? { ...audio, deviceId: { exact: deviceId } } : audio });
    try {
      const stream = await from(wanted).catch((error: DOMException) => {
        if (wanted && TROUBLES[error.name] === "missing") return from();
        throw error;
      });
      const [track] = stream.getAudioTracks();
      if (track === undefined) throw new Troubled("missing");
      return track;
    } catch (error) {
      if (error instanceof Troubled) throw error;
      throw new Troubled(TROUBLES[(error as DOMException).name] ?? "taken");
    }
  }
}

/** What a call needs of a camera: a face, small enough for any line. */
const FACE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 }, facingMode: "user" };

export class BrowserCamera implements Camera {
  constructor(private readonly choices: () => Choices) {}

  async open(): Promise<MediaStreamTrack> {
    if (!canSpeak()) throw new Troubled("insecure");
    const { camera } = this.choices();
    try {
      // A camera that was chosen and is gone gives way to another one.
      const video = camera ? { ...FACE, deviceId: { ideal: camera } } : FACE;
      const [track] = (await navigator.mediaDevices.getUserMedia({ video })).getVideoTracks();
      if (track === undefined) throw new Troubled("missing");
      return track;
    } catch (error) {
      if (error instanceof Troubled) throw error;
      throw new Troubled(TROUBLES[(error as DOMException).name] ?? "taken");
    }
  }
}

type Note = readonly [at: number, frequency: number, seconds: number];
export type Tone = "classic" | "soft" | "modern" | "door" | "knock" | "back";

/** Each tone: its notes, and the seconds after which they begin anew. */
const TONES: Record<Tone, { every: number; shape: OscillatorType; notes: readonly Note[] }> = {
  classic: { every: 3, shape: "triangle", notes: trill(0, 1.2, [784, 988]) },
  soft: { every: 4, shape: "sine", notes: [[0, 523, 0.5], [0.25, 659, 0.5], [0.5, 784, 0.9]] },
  modern: { every: 3, shape: "triangle", notes: [[0, 880, 0.14], [0.18, 880, 0.14], [0.36, 1175, 0.3], [0.8, 880, 0.14], [0.98, 1175, 0.3]] },
  door: { every: 4, shape: "sine", notes: [[0, 659, 0.9], [0.7, 523, 1.4]] },
  knock: { every: 5, shape: "sine", notes: [[0, 440, 0.12], [0.2, 440, 0.12]] },
  back: { every: 5, shape: "sine", notes: [[0, 425, 1]] },
};

function trill(from: number, seconds: number, frequencies: readonly number[]): Note[] {
  const step = 0.06;
  return Array.from({ length: Math.round(seconds / step) }, (_, index) => [
    from + index * step, frequencies[index % frequencies.length] ?? 440, step,
  ] as const);
}

export interface Ringer {
  ring(tone: Tone): void;
  hush(): void;
  /** Nothing is heard of what rings, here or in another tab, until it is over. */
  still(): void;
}

export class BrowserRinger implements Ringer {
  private context: AudioContext | null = null;
  private playing: { tone: Tone; gain: GainNode; timer: number } | null = null;
  private asked: Tone | null = null;
  private release: (() => void) | null = null;
  /** Whether it is heard may be another than before. */
  onChange: () => void = () => undefined;

  constructor(private readonly choices: () => Choices) {
    // Browsers let a page be heard after the first touch; waiting for it costs nothing.
    const wake = (): void => void this.audio()?.resume();
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { once: true, capture: true });
  }

  /** Whether it would ring, but the browser lets nothing be heard of a page that nobody has touched yet. */
  get muted(): boolean {
    return this.playing !== null && this.context?.state === "suspended";
  }

  /** Rings until it is hushed; of several tabs of one browser one is heard, and when that one closes another one. */
  ring(tone: Tone): void {
    if (this.asked === tone) return;
    this.hush();
    this.asked = tone;
    const alone = tone === "back" || tone === "knock";
    if (alone || !navigator.locks) {
      this.play(tone);
      return;
    }
    const waiting = new AbortController();
    const done = new Promise<void>((resolve) => (this.release = () => (waiting.abort(), resolve())));
    const turn = (): Promise<void> => (waiting.signal.aborted || this.play(tone), done);
    void navigator.locks.request("pascom.rings", { signal: waiting.signal }, turn).catch(() => undefined);
  }

  hush(): void {
    this.release?.();
    this.release = null;
    this.still();
  }

  /** It stays this tab's turn: another one would begin. */
  still(): void {
    this.asked = null;
    if (this.playing === null) return;
    clearInterval(this.playing.timer);
    this.playing.gain.disconnect();
    this.playing = null;
    shake(0);
  }

  /** A tone once, to choose it by. */
  try(tone: Tone): void {
    this.hush();
    this.play(tone);
    const playing = this.playing;
    setTimeout(() => this.playing === playing && this.hush(), 2500);
  }

  private play(tone: Tone): void {
    const context = this.audio();
    if (context === null) return;
    const gain = context.createGain();
    gain.gain.value = this.choices().volume * (tone === "back" || tone === "knock" ? 0.12 : 0.5);
    gain.connect(context.destination);
    const once = (): void => this.notes(context, gain, tone);
    once();
    this.playing = { tone, gain, timer: window.setInterval(once, TONES[tone].every * 1000) };
    if (context.state === "suspended") this.onChange();
  }

  private notes(context: AudioContext, gain: GainNode, tone: Tone): void {
    const { notes, shape } = TONES[tone];
    if (tone !== "back" && tone !== "knock") shake([300, 200, 300]);
    for (const [at, frequency, seconds] of notes) {
      const start = context.currentTime + at + 0.02;
      const [voice, shaped] = [context.createOscillator(), context.createGain()];
      voice.type = shape;
      voice.frequency.value = frequency;
      shaped.gain.setValueAtTime(0, start);
      shaped.gain.linearRampToValueAtTime(1, start + 0.015);
      shaped.gain.exponentialRampToValueAtTime(0.01, start + seconds);
      voice.connect(shaped).connect(gain);
      voice.start(start);
      voice.stop(start + seconds + 0.05);
    }
  }

  private audio(): AudioContext | null {
    if (this.context === null && "AudioContext" in globalThis) {
      this.context = new AudioContext();
      this.context.onstatechange = () => this.onChange();
    }
    if (this.context?.state === "suspended") void this.context.resume();
    return this.context;
  }
}

/** A browser complains where a page that nobody has touched yet tries. */
function shake(pattern: number | number[]): void {
  if ("vibrate" in navigator && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate(pattern);
}

export interface Speaker {
  play(stream: MediaStream): void;
  stop(): void;
}

export class BrowserSpeaker implements Speaker {
  private readonly element = new Audio();

  constructor(private readonly choices: () => Choices) {}

  play(stream: MediaStream): void {
    this.element.srcObject = stream;
    const { speaker } = this.choices();
    if (speaker && "setSinkId" in this.element) void this.element.setSinkId(speaker).catch(() => undefined);
    this.start();
  }

  stop(): void {
    this.element.srcObject = null;
  }

  /** After a reload a browser may want a touch first: the next one starts it. */
  private start(): void {
    void this.element.play().catch(() => addEventListener("pointerdown", () => this.start(), { once: true, capture: true }));
  }
}
