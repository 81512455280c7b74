/** How a call comes back: another path, another session, another microphone, and what is said where none is left. */

import { refusal } from "../link";
import type { Line } from "./line";
import { troubleOf, type LineMedia } from "./media";
import type { Path } from "./peer";

/** Seconds that ICE may say that a path is lost: it often comes back by itself. */
const LOST_PATIENCE = 3;
/** Seconds without anything from the PBX, which sends a report every second, after which a path is held for lost. */
const DEAF = 4;
/** Seconds that each new session has to connect before another one is tried. */
const BACK_OFF: readonly [number, ...number[]] = [3, 4, 6, 8];
/** Seconds after which nobody waits any more. */
const GIVE_UP = 40;

export interface RecoveryParts {
  media: (line: Line) => LineMedia | undefined;
  /** A new session for the line's leg. */
  open: (line: Line) => Promise<unknown>;
  /** The PBX has this call no more. */
  over: (line: Line) => void;
  /** No way to the PBX was found for long. */
  givenUp: (line: Line) => void;
  /** The microphone was unplugged: whether another one is heard now. */
  unplugged: (another: boolean) => void;
  changed: () => void;
  later: (seconds: number, work: () => void) => void;
  now: () => number;
}

/** The search for a new path of one line. */
interface Search {
  since: number;
  tries: number;
}

export class Recovery {
  private readonly searches = new Map<number, Search>();

  constructor(private readonly parts: RecoveryParts) {}

  /** What the line's session says of its way through the network; a new one that was found ends the search. */
  path(line: Line, path: Path, fresh: boolean): void {
    const media = this.parts.media(line);
    if (media === undefined) return;
    line.path = path;
    if (path !== "connected") line.quality = null;
    if (path === "connected" && fresh) this.searches.delete(line.id);
    else if (path === "failed") void this.renew(line);
    else if (path === "lost")
      this.parts.later(LOST_PATIENCE, () => {
        if (this.parts.media(line) === media && line.path === "lost") void this.renew(line);
      });
    this.parts.changed();
  }

  /** After a look at what came, null where nothing can be said: ICE alone takes long to see that a path is dead. */
  heard(line: Line, silent: number | null): void {
    if (line.path === "connected" && silent !== null && silent >= DEAF) {
      line.path = "lost";
      line.quality = null;
      void this.renew(line);
    } else if (line.path === "lost" && silent === 0) line.path = "connected";
  }

  /** A new session for the same leg, and another one after a while, until one connects or nobody waits any more. */
  async renew(line: Line): Promise<void> {
    if (!line.leg || this.searches.has(line.id)) return;
    const search = { since: this.parts.now(), tries: 0 };
    this.searches.set(line.id, search);
    this.parts.changed();
    await this.attempt(line, search);
  }

  /** There may be a way again: whoever looks for one looks at once. */
  async hurry(line: Line): Promise<void> {
    this.searches.delete(line.id);
    await this.renew(line);
  }

  /** The microphone went in the call: the system's own takes over, and where there is none one listens. */
  async unplugged(line: Line): Promise<void> {
    const media = this.parts.media(line);
    if (media === undefined) return;
    await this.speak(line, media);
    this.parts.unplugged(!line.listens);
  }

  /** Devices came or went: who only listens speaks as soon as there is something to speak into. */
  async plugged(line: Line): Promise<void> {
    const media = this.parts.media(line);
    if (media === undefined || !line.listens || line.trouble === "denied") return;
    await this.speak(line, media);
  }

  private async attempt(line: Line, search: Search): Promise<void> {
    const media = this.parts.media(line);
    if (this.searches.get(line.id) !== search) return;
    if (media === undefined) {
      this.searches.delete(line.id);
      return;
    }
    if (this.parts.now() - search.since >= GIVE_UP * 1000) {
      this.searches.delete(line.id);
      if (line.path !== "connected") this.parts.givenUp(line);
      return;
    }
    // Whether the microphone is allowed may be asked for as long as people think.
    if (!media.microphone && !line.listens) await this.speak(line, media);
    const patience = BACK_OFF[search.tries] ?? BACK_OFF.at(-1) ?? BACK_OFF[0];
    search.tries += 1;
    this.parts.later(patience, () => void this.attempt(line, search));
    try {
      await this.parts.open(line);
    } catch (error) {
      if (this.searches.get(line.id) !== search || refusal(error).code !== "not_found") return;
      this.searches.delete(line.id);
      this.parts.over(line);
    }
  }

  private async speak(line: Line, media: LineMedia): Promise<void> {
    try {
      await media.speak();
      line.trouble = null;
    } catch (error) {
      line.trouble = troubleOf(error) ?? "taken";
      await media.listen();
    }
    this.parts.changed();
  }
}
