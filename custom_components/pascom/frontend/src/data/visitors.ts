/** Who rang at a door, with their pictures: each is fetched once. */

import type { Ask } from "./link";
import type { Image, VisitEntry } from "./wire";

/** Entries of the log that are shown, and pictures that are kept. */
const MOST = 24;
const KEPT = 60;

export class Visitors {
  private readonly pictures = new Map<string, string>();

  constructor(private readonly ask: Ask) {}

  async log(door: string): Promise<VisitEntry[]> {
    return (await this.ask<{ entries: VisitEntry[] }>("door/log", { door, limit: MOST })).entries;
  }

  /** An address for an image element, empty where there is none any more. */
  async picture({ door, id }: Pick<VisitEntry, "door" | "id">): Promise<string> {
    const key = `${door}/${id}`;
    const known = this.pictures.get(key);
    if (known !== undefined) return known;
    const image = await this.ask<Image | null>("door/visitor", { door, entry: id });
    const url = addressOf(image);
    this.pictures.set(key, url);
    if (this.pictures.size > KEPT) this.pictures.delete(this.pictures.keys().next().value ?? "");
    return url;
  }
}

/** Only what is a picture becomes one. */
export function addressOf(image: Image | null): string {
  return image && /^image\/(jpeg|png)$/.test(image.content_type) ? `data:${image.content_type};base64,${image.data}` : "";
}
