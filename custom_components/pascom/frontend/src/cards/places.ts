/** Which door, room or person an entity of Home Assistant belongs to: its device tells by its identifiers. */

import type { Hass } from "../data/link";

export type PlaceKind = "door" | "room" | "user";

export interface Place {
  kind: PlaceKind;
  /** As the PBX knows it. */
  name: string;
  /** As Home Assistant shows it, and where its device stands. */
  title: string;
  area: string;
  /** The config entry of its PBX. */
  entry: string;
}

interface EntityEntry {
  device_id?: string;
  platform?: string;
}

interface DeviceEntry {
  id: string;
  name: string | null;
  name_by_user?: string | null;
  identifiers: readonly (readonly [string, string])[];
  via_device_id?: string | null;
  area_id?: string | null;
  config_entries?: readonly string[];
}

/** What cards and the strategy use of `hass` besides what the panel uses. */
export interface Home extends Hass {
  entities?: Record<string, EntityEntry>;
  devices?: Record<string, DeviceEntry>;
  areas?: Record<string, { area_id: string; name: string; icon?: string | null; floor_id?: string | null }>;
  floors?: Record<string, { floor_id: string; level: number | null }>;
  panels?: Record<string, { config?: { entry_ids?: string[] } | null }>;
  states?: Record<string, unknown>;
}

const DOMAIN = "pascom";
/** What stands before the name in an identifier; doors have nothing there, and no name has a colon. */
const KINDS: Record<string, PlaceKind> = { "user:": "user", "room:": "room" };

/** Null for entities that belong to nothing a card shows: lines, the PBX itself, other integrations. */
export function placeOf(home: Home, entityId: string): Place | null {
  const entity = home.entities?.[entityId];
  if (entity?.platform !== DOMAIN || !entity.device_id) return null;
  const device = home.devices?.[entity.device_id];
  return device ? placeOfDevice(home, device) : null;
}

/** All doors, rooms and people that Home Assistant has devices for, by their names. */
export function places(home: Home): Place[] {
  const found = Object.values(home.devices ?? {}).map((device) => placeOfDevice(home, device));
  return found.filter((place) => place !== null).toSorted((a, b) => a.title.localeCompare(b.title));
}

/** The PBXs that the panel is for; none where it is not there. */
export function entriesOf(home: Home): readonly string[] {
  return home.panels?.[DOMAIN]?.config?.entry_ids ?? [];
}

function placeOfDevice(home: Home, device: DeviceEntry): Place | null {
  const key = keyOf(home, device);
  if (!key) return null;
  const start = key.slice(0, key.indexOf(":") + 1);
  const kind = KINDS[start] ?? "door";
  if (start && !(start in KINDS)) return null;
  const name = key.slice(start.length);
  return { kind, name, title: device.name_by_user || device.name || name, area: device.area_id ?? "", entry: device.config_entries?.[0] ?? "" };
}

/** What follows the identifier of the PBX in that of its device. */
function keyOf(home: Home, device: DeviceEntry): string {
  const pbx = home.devices?.[device.via_device_id ?? ""];
  const [mine, root] = [identifier(device), pbx ? identifier(pbx) : ""];
  return root && mine.startsWith(`${root}-`) ? mine.slice(root.length + 1) : "";
}

function identifier(device: DeviceEntry): string {
  return device.identifiers.find(([domain]) => domain === DOMAIN)?.[1] ?? "";
}
