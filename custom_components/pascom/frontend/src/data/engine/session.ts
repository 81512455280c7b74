/** A WebRTC session as the PBX knows it: offered, answered, its candidates sent after the answer, closed by name. */

import type { Ask } from "../link";
import type { Candidate, Path, Peer } from "./peer";

export class Session {
  readonly id = crypto.getRandomValues(new Uint32Array(4)).reduce((all, part) => all + part.toString(36), "s");
  onPath: (path: Path) => void = () => undefined;
  private early: Candidate[] | null = [];
  private closed = false;

  constructor(
    private readonly ask: Ask,
    readonly peer: Peer,
  ) {
    peer.onCandidate = (candidate) => (this.early ? this.early.push(candidate) : this.tell(candidate));
    peer.onPath = (path) => this.onPath(path);
  }

  /** `begin` asks with the session's name and offer.  Raises what the PBX refuses. */
  async open<T extends { answer: string }>(begin: (given: { session: string; offer: string }) => Promise<T>): Promise<T> {
    const offer = await this.peer.offer();
    const result = await begin({ session: this.id, offer });
    if (this.closed) {
      this.forget();
      return result;
    }
    await this.peer.accept(result.answer);
    const early = this.early ?? [];
    this.early = null;
    early.forEach((candidate) => this.tell(candidate));
    return result;
  }

  /** `told` is false where the PBX has ended it by itself. */
  close(told = true): void {
    if (this.closed) return;
    this.closed = true;
    this.peer.close();
    if (told && this.early === null) this.forget();
  }

  private tell(candidate: Candidate): void {
    void this.ask("webrtc/candidate", { session: this.id, ...candidate }).catch(() => undefined);
  }

  private forget(): void {
    void this.ask("webrtc/close", { session: this.id }).catch(() => undefined);
  }
}
