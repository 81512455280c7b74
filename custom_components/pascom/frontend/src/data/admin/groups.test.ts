import { expect, test } from "vitest";
import { faultsOf, kindOf, MAILBOX, ofKind, PEOPLE, usual, type Targets } from "./arrivals";
import { newcomers, type Household } from "./people";
import { asTeam, newPin, pinFaults, roomChanges, type RoomSettings } from "./groups";

const HOUSE: Targets = {
  users: [
    { name: "anna", display_name: "Anna", voicemail_enabled: true },
    { name: "ben", display_name: "Ben", voicemail_enabled: false },
  ],
  teams: [{ name: "everyone", display_name: "Everyone" }, { name: "upstairs", display_name: "Upstairs" }],
  rooms: [{ name: "table", display_name: "Table" }],
};

test("a line rings everybody until somebody says otherwise", () => {
  expect(usual("everyone", HOUSE)).toEqual({ number: "", rings: ["*"], mailbox: "" });
  expect(usual("upstairs", HOUSE).rings).toEqual(["upstairs"]);
  expect(usual("gone", HOUSE).rings).toEqual(["*"]);
});

test("a choice is known again by what it says", () => {
  const all = { number: "", rings: ["*"], mailbox: "anna" };
  expect(kindOf(all, HOUSE)).toBe("*");
  const some = ofKind(PEOPLE, all, HOUSE);
  expect([some.rings, some.mailbox, kindOf(some, HOUSE)]).toEqual([[], "", PEOPLE]);
  const room = ofKind("room:table", all, HOUSE);
  expect([room, kindOf(room, HOUSE)]).toEqual([{ number: "", rings: ["table"], mailbox: "" }, "room:table"]);
  const box = ofKind(MAILBOX, room, HOUSE);
  expect([box, kindOf(box, HOUSE)]).toEqual([{ number: "", rings: [], mailbox: "anna" }, MAILBOX]);
  expect(kindOf({ number: "", rings: [], mailbox: "" }, HOUSE)).toBe(PEOPLE);
});

test("what is missing is said where it is missing", () => {
  const rings = ["anna"];
  expect(faultsOf([{ number: "", rings: [], mailbox: "" }, { number: "no", rings, mailbox: "" }, { number: "+49 89 1", rings, mailbox: "" }, { number: "+49891", rings, mailbox: "" }]))
    .toEqual({ 0: "who_fault", 1: "arrival_number_fault", 3: "arrival_twice" });
  expect(faultsOf([{ number: "", rings, mailbox: "" }, { number: "+498912340-99", rings, mailbox: "" }, { number: "+49891*", rings: [], mailbox: "anna" }])).toEqual({});
});

test("who of Home Assistant is nobody here is told by name", () => {
  const people = ["u2", "u1", "u3"].map((id) => ({ id, name: `Name ${id}`, is_active: true, system_generated: false }));
  const all = { users: [{ ha_user: "u1" }], people, roles: [] } as unknown as Household;
  expect(newcomers(all).map((each) => each.id)).toEqual(["u2", "u3"]);
});

const ROOM = { display_name: "Table", extension: "800", pin: "1234", admin_pin: "" } as RoomSettings;

test("a room's PINs are digits, and the leader's is another one", () => {
  expect(newPin("")).toMatch(/^\d{6}$/);
  expect(pinFaults({ ...ROOM, pin: "12a" })).toEqual({ pin: "pin_fault" });
  expect(pinFaults({ ...ROOM, admin_pin: "1234" })).toEqual({ admin_pin: "pin_same" });
  expect(pinFaults({ ...ROOM, pin: "" })).toEqual({});
});

test("of a room only what the PBX takes is sent, and an empty extension is left to it", () => {
  expect(roomChanges({ ...ROOM, extension: "", name: "table", provisioned: false, has_pin: true })).toEqual({ display_name: "Table", pin: "1234", admin_pin: "" });
  expect(asTeam({ name: "x", display_name: " Upstairs ", extension: "", members: ["anna"], ring_seconds: 60, provisioned: false })).toEqual({ display_name: "Upstairs", members: ["anna"], ring_seconds: 60 });
});
