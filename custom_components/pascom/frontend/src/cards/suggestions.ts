/** What Home Assistant's card picker offers for an entity, and what a card shows when it is new. */

import { cardType, type CardConfig, type CardKind } from "./config";
import { placeOf, places, type Home, type PlaceKind } from "./places";

/** Entities in whose place a card makes sense: not each lamp and number of a door. */
const DOMAINS: Record<CardKind, readonly string[]> = {
  door: ["camera", "lock", "event", "image", "binary_sensor", "button"],
  room: ["camera", "event", "binary_sensor", "sensor", "switch"],
  call: ["event", "sensor", "binary_sensor", "switch", "select"],
};
const KIND_OF: Record<CardKind, PlaceKind> = { door: "door", room: "room", call: "user" };

export interface Suggestion {
  config: CardConfig & Record<string, unknown>;
}

export function suggestion(kind: CardKind, home: Home, entityId: string): Suggestion | null {
  const place = placeOf(home, entityId);
  if (place?.kind !== KIND_OF[kind] || !DOMAINS[kind].includes(entityId.split(".")[0] ?? "")) return null;
  const type = `custom:${cardType(kind)}`;
  return { config: kind === "call" ? { type, people: [`user:${place.name}`] } : { type, [kind]: place.name } };
}

/** The first door or room; entities that are still free on the dashboard go first. */
export function stub(kind: CardKind, home: Home, free: readonly string[] = []): object {
  if (kind === "call") return {};
  const wanted = (place: { kind: PlaceKind } | null): boolean => place?.kind === KIND_OF[kind];
  const found = free.map((entityId) => placeOf(home, entityId)).find(wanted) ?? places(home).find(wanted);
  return found ? { [kind]: found.name } : {};
}
