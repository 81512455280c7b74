/** What the PBX does with a call on request: hold, transfer, conference. */

import { refusal, type Ask } from "../link";
import type { Line } from "./line";

export class Steering {
  constructor(
    private readonly ask: Ask,
    private readonly changed: () => void,
  ) {}

  /** `call/hold` and `call/resume`; what is shown changes once the PBX has done it. */
  hold(line: Line, held: boolean, done: () => void): Promise<boolean> {
    return this.steer(line, held ? "call/hold" : "call/resume", {}, done);
  }

  /** Blind: whoever is at the other end speaks with this number, and we are out of it. */
  transfer(line: Line, number: string): Promise<boolean> {
    return this.steer(line, "call/transfer", { number });
  }

  /** Attended: those of both calls are left with each other. */
  connect(line: Line, other: Line): Promise<boolean> {
    return this.steer(line, "call/transfer", { to_call: other.call });
  }

  /** Three in one call. */
  merge(line: Line, other: Line): Promise<boolean> {
    return this.steer(line, "call/conference", { other: other.call }, () => {
      for (const each of [line, other]) each.held = false;
    });
  }

  /** Lets one of a conference go. */
  remove(line: Line, number: string): Promise<boolean> {
    return this.steer(line, "call/remove", { number });
  }

  /** False where the PBX refused, whose words the line has then. */
  private async steer(line: Line, command: string, fields: object, done: () => void = () => undefined): Promise<boolean> {
    line.problem = "";
    try {
      await this.ask(command, { call: line.call, ...fields });
      done();
      return true;
    } catch (error) {
      line.problem = refusal(error).message;
      return false;
    } finally {
      this.changed();
    }
  }
}
