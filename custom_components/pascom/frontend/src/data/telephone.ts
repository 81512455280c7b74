/** The engine with what this browser has: microphone, camera, speaker, bells, other tabs, a screen that can be kept bright. */

import type { Chime, Choices } from "./choices";
import { Engine } from "./engine/engine";
import type { Line } from "./engine/line";
import { BrowserPeer } from "./engine/peer";
import { BROWSER_LIGHTS, Screen } from "./engine/screen";
import { BrowserCamera, BrowserMicrophone, BrowserRinger, BrowserSpeaker, canSpeak } from "./engine/sound";
import { REPEAT, Tabs } from "./engine/tabs";
import type { Link } from "./link";

export interface TelephoneParts {
  ask: Link["ask"];
  device: string;
  choices: () => Choices;
  servers: () => Promise<RTCIceServer[]>;
  changed: () => void;
  /** By which tone it rings. */
  tone: (line: Line) => Chime;
  /** The microphone was unplugged in a call: whether another one is heard now. */
  unplugged: (another: boolean) => void;
}

export class Telephone {
  readonly ringer: BrowserRinger;
  readonly microphone: BrowserMicrophone;
  readonly engine: Engine;
  private readonly tabs: Tabs;
  /** When this tab was last in front, epoch milliseconds. */
  private seen = document.hasFocus() ? Date.now() : 0;
  private readonly screen = new Screen(BROWSER_LIGHTS);

  constructor(parts: TelephoneParts) {
    const { ask, device, choices, servers } = parts;
    this.ringer = new BrowserRinger(choices);
    this.microphone = new BrowserMicrophone(choices);
    this.tabs = new Tabs(device, "BroadcastChannel" in globalThis ? new BroadcastChannel("pascom.calls") : null, () => Date.now(), () => ({
      allowed: navigator.userActivation?.hasBeenActive ?? true,
      seen: this.seen,
    }));
    this.engine = new Engine({
      ask, device,
      microphone: this.microphone,
      camera: new BrowserCamera(choices),
      ringer: this.ringer,
      others: this.tabs,
      makePeer: async () => new BrowserPeer(await servers(), { looks: true, talks: true, films: canSpeak() }),
      makeSpeaker: () => new BrowserSpeaker(choices),
      tone: parts.tone,
      unplugged: parts.unplugged,
      later: (seconds, work) => void setTimeout(work, seconds * 1000),
      now: () => Date.now(),
    });
    this.engine.onChange = parts.changed;
    this.ringer.onChange = parts.changed;
    this.tabs.onTaken = (calls) => this.engine.holdAll(calls);
    this.tabs.onChange = () => this.engine.ringsElsewhere();
    this.watch();
  }

  /** Whether a door or a call rings or talks here: the screen stays bright, and wakes up. */
  busy(busy: boolean): void {
    this.screen.keep(busy);
  }

  /** Whether another tab of this browser rings for all of them, or talks. */
  get quiet(): boolean {
    return this.tabs.talking || this.tabs.ringing;
  }

  private watch(): void {
    const { engine, tabs, screen } = this;
    globalThis.addEventListener?.("online", () => engine.networkChanged());
    const network = (navigator as { connection?: EventTarget & { type?: string } }).connection;
    let kind = network?.type;
    // Browsers also tell each new guess at the speed.
    network?.addEventListener?.("change", () => {
      if (kind === network.type) return;
      kind = network.type;
      engine.networkChanged();
    });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => void engine.devices());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && screen.seen());
    addEventListener("focus", () => {
      this.seen = Date.now();
      tabs.repeat();
    });
    addEventListener("pagehide", () => tabs.close());
    addEventListener("pageshow", () => tabs.repeat());
    setInterval(() => engine.live.length && void engine.measure(), 1000);
    setInterval(() => tabs.repeat(), REPEAT * 1000);
  }
}
