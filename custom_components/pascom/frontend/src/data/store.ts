/** What the panel knows: the snapshot, kept up to date by events.  Views hear of every change once per frame. */

import type { Call, Door, Me, Message, PbxEvent, Snapshot, User } from "./wire";

const NOBODY: Me = { user: "", display_name: "", extension: "", linked: false, admin: false };

export type Phase = "connecting" | "ready" | "away" | "missing";

/** Lists in a snapshot whose members an event replaces by name. */
const REPLACED = { door_changed: "doors", user_changed: "users", room_changed: "rooms", team_changed: "teams", trunk_changed: "trunks" } as const;

export class Store {
  snapshot: Snapshot | null = null;
  me: Me = NOBODY;
  phase: Phase = "connecting";
  /** Where the faces of those are who have one, by user. */
  pictures: Readonly<Record<string, string>> = {};
  /** Calls that nobody here answered since the journal was looked at. */
  missed = 0;
  private readonly listeners = new Set<() => void>();
  private told = true;

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed(): void {
    if (!this.told) return;
    this.told = false;
    queueMicrotask(() => {
      this.told = true;
      for (const listener of [...this.listeners]) listener();
    });
  }

  take(message: Message): void {
    if (message.type === "snapshot") {
      this.snapshot = message.snapshot;
      this.me = message.me ?? NOBODY;
      this.pictures = message.pictures ?? {};
      this.phase = message.connected ? "ready" : "away";
    } else if (message.type === "picture") this.pictures = { ...this.pictures, [message.user]: message.url };
    else if (message.type === "connected") this.phase = message.connected ? "ready" : "away";
    else if (message.type === "event") this.happened(message.event);
    this.changed();
  }

  door(name: string): Door | undefined {
    return this.snapshot?.doors.find((door) => door.name === name);
  }

  user(name: string): User | undefined {
    return this.snapshot?.users.find((user) => user.name === name);
  }

  call(id: string): Call | undefined {
    return this.snapshot?.calls.find((call) => call.id === id);
  }

  /** What to call a user, door or room that is known by its name alone. */
  nameOf(name: string): string {
    const { users = [], doors = [], rooms = [], teams = [] } = this.snapshot ?? {};
    return [...users, ...doors, ...rooms, ...teams].find((each) => each.name === name)?.display_name || name;
  }

  /** The picture of whoever of the house has this number, empty for initials. */
  pictureOf(number: string): string {
    const user = number ? this.snapshot?.users.find((each) => each.extension === number) : undefined;
    return user ? (this.pictures[user.name] ?? "") : "";
  }

  /** New messages: one's own, and those of visitors at doors that one sees. */
  get messages(): number {
    const own = this.user(this.me.user)?.voicemail ?? 0;
    return (this.snapshot?.doors ?? []).reduce((sum, door) => sum + (door.voicemail ?? 0), own);
  }

  /** What to call whoever has this number. */
  nameOfNumber(number: string): string {
    const { users = [], doors = [], rooms = [], teams = [] } = this.snapshot ?? {};
    return [...users, ...doors, ...rooms, ...teams].find((each) => each.extension === number)?.display_name ?? "";
  }

  private happened(event: PbxEvent): void {
    const snapshot = this.snapshot;
    if (snapshot === null) return;
    switch (event.kind) {
      case "door_changed":
      case "user_changed":
      case "room_changed":
      case "team_changed":
      case "trunk_changed": {
        const list = REPLACED[event.kind];
        const kept = (snapshot[list] ?? []) as { name: string }[];
        const replaced = kept.some((each) => each.name === event.state.name)
          ? kept.map((each) => (each.name === event.state.name ? event.state : each))
          : [...kept, event.state];
        this.snapshot = { ...snapshot, [list]: replaced };
        break;
      }
      case "room_talking": {
        const rooms = snapshot.rooms.map((room) => room.name !== event.room ? room : {
          ...room, participants: room.participants.map((one) => one.id === event.participant ? { ...one, talking: event.talking } : one),
        });
        this.snapshot = { ...snapshot, rooms };
        break;
      }
      case "call_changed": {
        const others = snapshot.calls.filter((call) => call.id !== event.call);
        this.snapshot = { ...snapshot, calls: event.state ? [...others, event.state] : others };
        break;
      }
      case "directory_changed":
        if (event.snapshot) this.snapshot = event.snapshot;
        break;
      case "call_missed":
        if (event.user === this.me.user) this.missed += 1;
        break;
      default:
    }
  }
}
