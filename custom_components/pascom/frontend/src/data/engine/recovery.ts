/** How a call comes back: another path, another session, another microphone, and what is said where none is left. */

import { refusal } from "../link";
import type { Line } from "./line";
import { troubleOf, type LineMedia } from "./media";
import type { Path } from "./peer";

/** Seconds. */
const LOST_PATIENCE = 3;
const RENEW_EVERY = 4;

export interface RecoveryParts {
  media: (line: Line) => LineMedia | undefined;
  /** A new session for the line's leg. */
  open: (line: Line) => Promise<unknown>;
  /** The PBX has this call no more. */
  over: (line: Line) => void;
  /** The microphone was unplugged: whether another one is heard now. */
  unplugged: (another: boolean) => void;
  changed: () => void;
  later: (seconds: number, work: () => void) => void;
}

export class Recovery {
  private readonly renewing = new Set<number>();

  constructor(private readonly parts: RecoveryParts) {}

  /** What the line's session says of its way through the network. */
  path(line: Line, path: Path): void {
    const media = this.parts.media(line);
    if (media === undefined) return;
    line.path = path;
    if (path === "failed") void this.renew(line);
    else if (path === "lost")
      this.parts.later(LOST_PATIENCE, () => {
        if (this.parts.media(line) === media && line.path === "lost") void this.renew(line);
      });
    this.parts.changed();
  }

  /** A new session for the same leg, until one is found or the PBX gives the call up. */
  async renew(line: Line): Promise<void> {
    const media = this.parts.media(line);
    if (media === undefined || this.renewing.has(line.id) || line.phase === "ended") return;
    this.renewing.add(line.id);
    this.parts.changed();
    try {
      if (!media.microphone && !line.listens) await this.speak(line, media);
      await this.parts.open(line);
    } catch (error) {
      const { code } = refusal(error);
      line.path = "lost";
      if (code === "not_found") this.parts.over(line);
      else this.parts.later(RENEW_EVERY, () => void this.renew(line));
    } finally {
      this.renewing.delete(line.id);
    }
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
