/** What stands on the dashboard that builds itself: doors first, by areas, then rooms and the family. */

import { cardType } from "../cards/config";
import { entriesOf, places, type Home, type Place } from "../cards/places";
import { t } from "../cards/texts";
import { houseOf } from "../data/house";
import type { Store } from "../data/store";
import { speak } from "../data/texts";

export interface StrategyConfig {
  type: string;
  /** `door:front`, `room:table`: what is left out. */
  hidden?: string[];
  show_doors?: boolean;
  show_rooms?: boolean;
  show_people?: boolean;
}

interface Section {
  type: "grid";
  column_span?: number;
  cards: object[];
}

export interface Seen {
  doors: ReadonlySet<string>;
  rooms: ReadonlySet<string>;
  /** The PBX of which they are: of several the dashboard shows that one. */
  entry?: string;
}

/** A PBX that does not answer in this time may come later: the dashboard shows all that Home Assistant knows. */
const PATIENCE_MS = 3000;

export async function built(config: StrategyConfig, home: Home): Promise<object> {
  const [may] = await Promise.all([seen(home), speak(home.language)]);
  return dashboard(config, home, may);
}

/** Doors and rooms that this person may see are shown; all of them as long as that is not known. */
export function dashboard(config: StrategyConfig, home: Home, may: Seen | null): object {
  const hidden = new Set(config.hidden);
  const used = ({ entry }: Place): boolean => !may?.entry || !entry || entry === may.entry;
  const shown = places(home).filter((place) => used(place) && !hidden.has(`${place.kind}:${place.name}`));
  const doors = config.show_doors === false ? [] : shown.filter(({ kind, name }) => kind === "door" && may?.doors.has(name) !== false);
  const rooms = config.show_rooms === false ? [] : shown.filter(({ kind, name }) => kind === "room" && may?.rooms.has(name) !== false);
  const sections = [
    ...byArea(home, doors).map((group) => atDoors(home, group, doors.length === 1)),
    ...(config.show_people === false ? [] : [people()]),
    ...(rooms.length ? [inRooms(rooms)] : []),
  ];
  const view = { type: "sections", title: t("dashboard_title"), icon: "mdi:phone-in-talk", max_columns: 3, sections };
  return { title: t("dashboard_title"), views: [view] };
}

/** Doors of one area stand together; the lowest floor is where visitors come. */
function byArea(home: Home, doors: Place[]): Place[][] {
  const level = ({ area }: Place): number => home.floors?.[home.areas?.[area]?.floor_id ?? ""]?.level ?? 0;
  const title = ({ area }: Place): string => home.areas?.[area]?.name ?? "";
  const sorted = doors.toSorted((a, b) => level(a) - level(b) || Number(!title(a)) - Number(!title(b)) || title(a).localeCompare(title(b)));
  const groups = new Map<string, Place[]>();
  for (const door of sorted) groups.set(door.area, [...(groups.get(door.area) ?? []), door]);
  return [...groups.values()];
}

/** Doors of one area stand side by side; the only one of a house is large. */
function atDoors(home: Home, doors: Place[], only: boolean): Section {
  const area = home.areas?.[doors[0]?.area ?? ""];
  const heading = area ? headed(area.name, area.icon || "mdi:doorbell-video") : headed(t(doors.length > 1 ? "doors" : "door"), "mdi:doorbell-video");
  const wide = only ? { grid_options: { columns: "full" } } : {};
  const cards = doors.map(({ name }) => ({ type: `custom:${cardType("door")}`, door: name, ...wide }));
  return { type: "grid", column_span: only ? 2 : Math.min(2, doors.length), cards: [heading, ...cards] };
}

function inRooms(rooms: Place[]): Section {
  const cards = rooms.map(({ name }) => ({ type: `custom:${cardType("room")}`, room: name }));
  return { type: "grid", cards: [headed(t("rooms"), "mdi:account-voice"), ...cards] };
}

function people(): Section {
  const heading = { ...headed(t("people"), "mdi:phone"), tap_action: goTo("/pascom/contacts") };
  return { type: "grid", cards: [heading, { type: `custom:${cardType("call")}` }] };
}

function headed(heading: string, icon: string): object {
  return { type: "heading", heading, heading_style: "title", icon };
}

function goTo(path: string): object {
  return { action: "navigate", navigation_path: path };
}

async function seen(home: Home): Promise<Seen | null> {
  const { store, entry } = await houseOf(home, entriesOf(home));
  if (store.phase === "connecting")
    await new Promise<void>((resolve) => {
      const deaf = store.listen(() => store.phase !== "connecting" && done());
      const patience = setTimeout(() => done(), PATIENCE_MS);
      const done = (): void => (deaf(), clearTimeout(patience), resolve());
    });
  const may = seenIn(store);
  return may && { ...may, entry };
}

/** Who has no extension sees no door and no room; the call card tells them how to get one, once. */
export function seenIn({ phase, snapshot, me }: Store): Seen | null {
  if (phase === "ready" && !me.linked) return { doors: new Set(), rooms: new Set() };
  if (phase !== "ready" || snapshot === null) return null;
  return { doors: new Set(snapshot.doors.map(({ name }) => name)), rooms: new Set(snapshot.rooms.map(({ name }) => name)) };
}
