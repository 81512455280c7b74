/** Mailboxes: one's own and those of doors, their messages, what they sound like and say. */

import type { Ask } from "./link";
import type { Store } from "./store";
import type { Image, Recorded } from "./wire";
import { addressOf } from "./visitors";

/** How long something deleted can be had back. */
export const UNDO_MS = 7000;
/** Bytes of a greeting: Home Assistant ends a connection that says more than 4 MiB at once, and base64 adds a third. */
export const MOST_GREETING = 3_000_000;

export interface Box {
  /** Empty for one's own, `door:name` for a door's. */
  key: string;
  title: string;
  fresh: number;
}

/** The boxes that one may listen to; `own` is what one's own is called. */
export function boxesOf(store: Store, own: string): Box[] {
  const me = store.user(store.me.user);
  const mine = me && me.voicemail_enabled !== null ? [{ key: "", title: own, fresh: me.voicemail }] : [];
  const doors = (store.snapshot?.doors ?? []).filter((door) => door.voicemail !== null);
  return [...mine, ...doors.map((door) => ({ key: `door:${door.name}`, title: door.display_name, fresh: door.voicemail ?? 0 }))];
}

interface Deleted {
  message: Recorded;
  cancel: () => void;
}

export interface MailboxParts {
  ask: Ask;
  later: (ms: number, work: () => void) => () => void;
  changed: () => void;
}

export class Mailbox {
  /** Newest first, without what was deleted. */
  messages: readonly Recorded[] = [];
  loaded = false;
  private readonly deleted = new Map<string, Deleted>();
  private readonly sounds = new Map<string, Promise<string>>();

  constructor(
    private readonly parts: MailboxParts,
    readonly box: string,
  ) {}

  /** Raises what the PBX refuses. */
  async load(): Promise<void> {
    const { messages } = await this.parts.ask<{ messages: Recorded[] }>("voicemail/list", this.box ? { box: this.box } : {});
    this.messages = messages.filter(({ id }) => !this.deleted.has(id));
    this.loaded = true;
    this.parts.changed();
  }

  /** An address to play it from. */
  sound(id: string): Promise<string> {
    const known = this.sounds.get(id);
    if (known) return known;
    const asked = this.parts.ask<Image>("voicemail/sound", { message: id }).then(playable);
    this.sounds.set(id, asked);
    asked.catch(() => this.sounds.delete(id));
    return asked;
  }

  /** Who left a message at a door. */
  async picture(id: string): Promise<string> {
    return addressOf(await this.parts.ask<Image | null>("voicemail/picture", { message: id }));
  }

  async mark(id: string, heard: boolean): Promise<void> {
    this.put(id, { heard });
    try {
      await this.parts.ask("voicemail/mark", { message: id, heard });
    } catch (error) {
      this.put(id, { heard: !heard });
      throw error;
    }
  }

  /** Gone from the list at once, and for good after a while. */
  remove(id: string, failed: (error: unknown) => void): void {
    const message = this.messages.find((each) => each.id === id);
    if (message === undefined) return;
    this.messages = this.messages.filter((each) => each.id !== id);
    const cancel = this.parts.later(UNDO_MS, () => void this.really(id).catch(failed));
    this.deleted.set(id, { message, cancel });
    this.parts.changed();
  }

  /** What can still be had back, the latest last. */
  get undoable(): readonly Recorded[] {
    return [...this.deleted.values()].map(({ message }) => message);
  }

  undo(): void {
    for (const { message, cancel } of this.deleted.values()) {
      cancel();
      this.messages = [...this.messages, message].toSorted((a, b) => b.at.localeCompare(a.at));
    }
    this.deleted.clear();
    this.parts.changed();
  }

  /** Nobody looks any more: what was deleted goes now. */
  close(): void {
    for (const [id, { cancel }] of this.deleted) {
      cancel();
      void this.really(id).catch(() => undefined);
    }
    for (const sound of this.sounds.values()) void sound.then((url) => URL.revokeObjectURL(url)).catch(() => undefined);
    this.sounds.clear();
  }

  private async really(id: string): Promise<void> {
    const kept = this.deleted.get(id);
    this.deleted.delete(id);
    try {
      await this.parts.ask("voicemail/remove", { message: id });
    } catch (error) {
      if (kept) this.messages = [...this.messages, kept.message].toSorted((a, b) => b.at.localeCompare(a.at));
      throw error;
    } finally {
      this.parts.changed();
    }
  }

  private put(id: string, changes: Partial<Recorded>): void {
    this.messages = this.messages.map((each) => (each.id === id ? { ...each, ...changes } : each));
    this.parts.changed();
  }
}

/** Sound as it crosses, as something an audio element takes. */
export function playable({ content_type, data }: Image): string {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: content_type }));
}

/** A file as base64, to send it. */
export function encoded(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(file);
  });
}
