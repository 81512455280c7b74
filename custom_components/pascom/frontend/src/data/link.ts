/** The one way to the PBX: Home Assistant's own authenticated WebSocket. */

import type { Suspended } from "./awake";
import type { External } from "./engine/app";
import { inWords, type Crossed } from "./faults";
import { pbxsOf, type Pbx } from "./pbxs";
import type { Message } from "./wire";

export interface Connection extends Suspended {
  subscribeMessage<T>(hear: (message: T) => void, message: object): Promise<() => void>;
  sendMessagePromise<T>(message: object): Promise<T>;
}

/** What the panel uses of Home Assistant's `hass`. */
export interface Hass {
  connection: Connection;
  language: string;
  locale?: { language: string; time_format?: string };
  themes?: { darkMode?: boolean };
  /** Of the app that shows this page, where one does. */
  auth?: { external?: External };
  user?: { id: string; name: string; is_admin: boolean };
  callApi?<T>(method: string, path: string, body?: object): Promise<T>;
}

export type Ask = <T = object>(command: string, fields?: object) => Promise<T>;

/** An error as it crosses: a code to decide by, a sentence to show, and the same as the PBX said it. */
export interface Refusal {
  code: string;
  message: string;
  english: string;
}

export function refusal(error: unknown): Refusal {
  const crossed = (error ?? {}) as Crossed;
  const english = String(crossed.message ?? error);
  return { code: String(crossed.code ?? "unknown"), message: inWords({ ...crossed, message: english }), english };
}

export class Link {
  constructor(
    private readonly connection: Connection,
    readonly device: string,
    /** The PBX's config entry, empty where nothing says which there are. */
    readonly entry: string = "",
  ) {}

  subscribe(rings: boolean, hear: (message: Message) => void): Promise<() => void> {
    return this.connection.subscribeMessage(hear, { type: "pascom/subscribe", device: this.device, rings, ...this.which });
  }

  ask: Ask = (command, fields = {}) => 
    this.connection.sendMessagePromise({ type: "pascom/ask", command, fields, ...this.which });

  /** What Home Assistant itself does for its user: `pascom/…`. */
  tell = <T = object>(command: string, fields: object = {}): Promise<T> =>
    this.connection.sendMessagePromise({ type: `pascom/${command}`, ...fields });

  /** Whether somebody sits at this page. */
  idle(idle: boolean): Promise<unknown> {
    return this.tell("idle", { idle, ...this.which });
  }

  /** An action of Home Assistant that answers. */
  async act<T>(service: string, data: object): Promise<T> {
    const message = { type: "call_service", domain: "pascom", service, service_data: data, return_response: true };
    return (await this.connection.sendMessagePromise<{ response: T }>(message)).response;
  }

  /** All that there are to choose from. */
  pbxs(): Promise<readonly Pbx[]> {
    return pbxsOf(this.connection);
  }

  private get which(): object {
    return this.entry ? { entry_id: this.entry } : {};
  }

  /** The camera entity of a door, empty where Home Assistant has none. */
  async cameraOf(door: string): Promise<string> {
    const entities = await this.connection.sendMessagePromise<{ entity_id: string; unique_id: string; platform: string; config_entry_id?: string }[]>({
      type: "config/entity_registry/list",
    });
    const ours = entities.filter((each) => each.platform === "pascom" && (!this.entry || each.config_entry_id === this.entry) && each.entity_id.startsWith("camera."));
    return ours.find((each) => each.unique_id.endsWith(`-${door}-camera`))?.entity_id ?? "";
  }

  /** The relays and mirrors that Home Assistant knows, for the browser's own side. */
  async iceServers(): Promise<RTCIceServer[]> {
    try {
      return await this.connection.sendMessagePromise<RTCIceServer[]>({ type: "web_rtc/ice_servers" });
    } catch {
      return [];
    }
  }
}
