/** The Home Assistant app's own microphone: where a page came by plain http, the app talks to a door's camera for it. */

import { Troubled } from "./sound";

/** What the frontend has of the app that it runs in. */
export interface External {
  config?: { webrtc?: { hasCameraMicrophoneStream?: boolean } };
  sendMessage<T>(message: object): Promise<T>;
  fireMessage(message: object): void;
}

export interface DoorMicrophone {
  /** Whether there is such an app around this page. */
  readonly there: boolean;
  /** Talks at a door until the returned function is called, or the app says that it stopped.  Raises Troubled. */
  start(door: string, stopped: () => void): Promise<() => void>;
}

/** The window's event by which the frontend passes on what the app says. */
const STOPPED = "webrtc-stream-stopped";

export class AppMicrophone implements DoorMicrophone {
  constructor(
    private readonly external: () => External | undefined,
    /** The camera entity of a door, empty where there is none. */
    private readonly cameraOf: (door: string) => Promise<string>,
    private readonly page: EventTarget,
  ) {}

  get there(): boolean {
    return Boolean(this.external()?.config?.webrtc?.hasCameraMicrophoneStream);
  }

  async start(door: string, stopped: () => void): Promise<() => void> {
    const external = this.external();
    const entity = external ? await this.cameraOf(door) : "";
    if (!external || !entity) throw new Troubled("app");
    const begun = await external
      .sendMessage<{ session_id: string }>({ type: "webrtc/stream/start", payload: { stream_type: "microphone", entity_id: entity } })
      .catch(() => null);
    if (begun === null) throw new Troubled("app");
    const { session_id: session } = begun;
    const hear = (event: Event): void => {
      if ((event as CustomEvent<{ session_id?: string }>).detail?.session_id !== session) return;
      this.page.removeEventListener(STOPPED, hear);
      stopped();
    };
    this.page.addEventListener(STOPPED, hear);
    return () => {
      this.page.removeEventListener(STOPPED, hear);
      external.fireMessage({ type: "webrtc/stream/stop", payload: { session_id: session } });
    };
  }
}
