import { expect, test } from "vitest";
import type { House } from "../data/house";
import type { DoorLine } from "../data/engine/door";
import type { Entry } from "../components/people";
import { dashboard, seenIn } from "../strategy/dashboard";
import { Store } from "../data/store";
import { join, leave, look } from "./audience";
import { changed, checked } from "./config";
import { AWAY_MS, Live, TAP_MS } from "./live";
import { chosenPeople } from "./people";
import { placeOf, places, type Home } from "./places";
import { stub, suggestion } from "./suggestions";

const PBX = "0f1e-2d3c";

/** A home with the PBX, two doors of which one has an area, a room, a person, a line, and a lamp of somebody else. */
function home(): Home {
  const device = (id: string, key: string, name: string, area: string | null = null): [string, object] => [
    id, { id, name, name_by_user: null, identifiers: [["pascom", key ? `${PBX}-${key}` : PBX]], via_device_id: key ? "pbx" : null, area_id: area },
  ];
  const devices = Object.fromEntries([
    device("pbx", "", "Home"), device("d1", "front", "Front door", "entrance"), device("d2", "garden-gate", "Garden gate"),
    device("r1", "room:table", "Kitchen table"), device("u1", "user:anna", "Anna Berger"), device("t1", "trunk:telekom", "Telekom"),
    ["lamp", { id: "lamp", name: "Lamp", identifiers: [["hue", "1"]], via_device_id: null }],
  ]);
  const entity = (device_id: string, platform = "pascom"): object => ({ device_id, platform });
  return {
    language: "en", devices, areas: { entrance: { area_id: "entrance", name: "Entrance", icon: "mdi:door" } },
    entities: {
      "camera.front_door": entity("d1"), "lock.garden_gate": entity("d2"), "binary_sensor.front_door": entity("d1"), "sensor.table": entity("r1"), "event.anna": entity("u1"),
      "sensor.telekom": entity("t1"), "sensor.calls": entity("pbx"), "light.lamp": entity("lamp", "hue"), "sensor.front_door_messages": entity("d1"),
    },
  } as unknown as Home;
}

test.each([
  ["camera.front_door", { kind: "door", name: "front", title: "Front door", area: "entrance" }],
  ["lock.garden_gate", { kind: "door", name: "garden-gate" }],
  ["sensor.table", { kind: "room", name: "table" }],
  ["event.anna", { kind: "user", name: "anna" }],
  ["sensor.telekom", null],
  ["sensor.calls", null],
  ["light.lamp", null],
  ["light.gone", null],
] as const)("%s belongs to %o", (entityId, place) => {
  if (place === null) expect(placeOf(home(), entityId)).toBeNull();
  else expect(placeOf(home(), entityId)).toMatchObject(place);
});

test.each([
  ["door", "camera.front_door", { type: "custom:pascom-door-card", door: "front" }],
  ["door", "lock.garden_gate", { type: "custom:pascom-door-card", door: "garden-gate" }],
  ["door", "sensor.front_door_messages", null],
  ["door", "sensor.table", null],
  ["room", "sensor.table", { type: "custom:pascom-room-card", room: "table" }],
  ["call", "event.anna", { type: "custom:pascom-call-card", people: ["user:anna"] }],
  ["call", "camera.front_door", null],
  ["door", "light.lamp", null],
] as const)("the %s card is suggested for %s as %o", (kind, entityId, config) => {
  expect(suggestion(kind, home(), entityId)?.config ?? null).toEqual(config);
});

test("a new card shows what is still free on the dashboard, else the first there is", () => {
  expect(stub("door", home(), ["light.lamp", "lock.garden_gate"])).toEqual({ door: "garden-gate" });
  expect(stub("door", home())).toEqual({ door: "front" });
  expect(stub("room", home())).toEqual({ room: "table" });
  expect(stub("call", home())).toEqual({});
  expect(stub("door", { ...home(), devices: {} })).toEqual({});
});

test.each([null, [], "door", { door: 1 }, { show_open: "no" }, { people: "anna" }, { people: [1] }, { layout: "round" }])("%o is no configuration", (config) => {
  expect(() => checked(config)).toThrow();
});

test("what a dashboard says besides is left to Home Assistant", () => {
  const config = { type: "custom:pascom-door-card", door: "front", show_open: false, grid_options: { rows: 4 } };
  expect(checked(config)).toBe(config);
});

test("an option at its standard is not written", () => {
  expect(changed({ type: "x", show_open: false }, "show_open", true, true)).toEqual({ type: "x" });
  expect(changed({ type: "x" }, "show_open", false, true)).toEqual({ type: "x", show_open: false });
  expect(changed({ type: "x", title: "Gate" }, "title", "", undefined)).toEqual({ type: "x" });
  expect(changed({ type: "x", people: ["a"] }, "people", [], undefined)).toEqual({ type: "x" });
});

test("a door that is only shown has no live picture, a ringing one has it until it is ended", () => {
  const live = new Live();
  expect(live.wanted(0, true)).toBe(false);
  live.rings("r1");
  expect(live.wanted(0, true)).toBe(true);
  expect(live.wanted(0, false)).toBe(false);
  live.end();
  expect(live.wanted(0, true)).toBe(false);
  live.rings("");
  live.rings("r2");
  expect(live.wanted(0, true)).toBe(true);
});

test("a tap shows the live picture for a while, and not to nobody", () => {
  const live = new Live();
  live.tap(0);
  expect(live.wanted(TAP_MS - 1, true)).toBe(true);
  expect(live.wanted(TAP_MS, true)).toBe(false);
  live.tap(0);
  live.visible(false, 1000);
  expect(live.wanted(1000 + AWAY_MS - 1, true)).toBe(true);
  expect(live.wanted(1000 + AWAY_MS, true)).toBe(false);
  live.visible(true, 1000 + AWAY_MS);
  expect(live.wanted(1000 + AWAY_MS, true)).toBe(false);
});

test("the picture of a door ends with the last card that shows it, and not while somebody talks", () => {
  const [first, second] = [{}, {}];
  const line = { door: "front", view: "watching", ring: "" } as DoorLine;
  const done: string[] = [];
  const house = {
    choices: { rings: false },
    doors: { watch: () => void done.push("watch"), leave: () => void done.push("leave"), line: () => line },
  } as unknown as House;
  look(house, "front", first);
  join(house, "front", second);
  leave(house, "front", first);
  leave(house, "front", first);
  expect(done).toEqual(["watch"]);
  leave(house, "front", second);
  expect(done).toEqual(["watch", "leave"]);
  look(house, "front", first);
  line.view = "talking";
  leave(house, "front", first);
  expect(done).toEqual(["watch", "leave", "watch"]);
});

test("the call card shows whom it is told, else favourites, else people and then teams", () => {
  const entry = (key: string): Entry => ({ key, kind: key.split(":")[0], number: "1" }) as Entry;
  const all = ["door:front", "room:table", "team:shop", "user:anna", "user:ben"].map(entry);
  const keys = (...given: [string[] | undefined, string[]]): string[] => chosenPeople(all, ...given).map(({ key }) => key);
  expect(keys(["ben", "door:front", "user:gone"], ["user:anna"])).toEqual(["user:ben", "door:front"]);
  expect(keys(undefined, ["room:table"])).toEqual(["room:table"]);
  expect(keys([], ["user:gone"])).toEqual(["user:anna", "user:ben", "team:shop"]);
});

interface Built {
  views: { sections: { cards: Record<string, unknown>[] }[] }[];
}

function sections(config: object, may: { doors: Set<string>; rooms: Set<string> } | null = null, at: Home = home()): unknown[][] {
  const built = dashboard({ type: "custom:pascom", ...config }, at, may) as Built;
  return (built.views[0]?.sections ?? []).map(({ cards }) => cards.map((card) => card.door ?? card.room ?? card.heading ?? card.type));
}

test("the dashboard has doors by their areas first, then the family and rooms", () => {
  expect(places(home()).map(({ name }) => name)).toEqual(["anna", "front", "garden-gate", "table"]);
  expect(sections({})).toEqual([["Entrance", "front"], ["Door", "garden-gate"], ["Family", "custom:pascom-call-card"], ["Rooms", "table"]]);
});

test("the dashboard leaves out what is hidden, what one may not see, and what is not wanted", () => {
  expect(sections({ hidden: ["door:front", "room:table"] })).toEqual([["Door", "garden-gate"], ["Family", "custom:pascom-call-card"]]);
  expect(sections({}, { doors: new Set(["front"]), rooms: new Set() })).toEqual([["Entrance", "front"], ["Family", "custom:pascom-call-card"]]);
  expect(sections({ show_doors: false, show_people: false, show_rooms: false })).toEqual([]);
});

test("the dashboard shows all as long as nobody knows who sees what, and little to who has no extension", () => {
  const store = new Store();
  expect(seenIn(store)).toBeNull();
  store.phase = "ready";
  expect(sections({}, seenIn(store) as { doors: Set<string>; rooms: Set<string> })).toEqual([["Family", "custom:pascom-call-card"]]);
});
