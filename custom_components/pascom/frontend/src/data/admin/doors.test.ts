import { expect, test } from "vitest";
import { asChanges, asCommand, faultsOf, FRESH, waysOf, type NewDoor } from "./doors";

const DOOR: NewDoor = { ...FRESH, model: "2n", display_name: " Front door " };
const KNOWN = { model: "2n", name: "", manufacturer: "2N", notes: "", dtmf: true, http: true, pictures: true };

test("a model that knows how it opens offers that first", () => {
  expect(waysOf(KNOWN)[0]).toBe("profile");
  expect(waysOf({ ...KNOWN, dtmf: false, http: false })).toEqual(["dtmf", "http", "event"]);
});

test("a new door is what the PBX takes, without what was left empty", () => {
  expect(asCommand(DOOR)).toEqual({ display_name: "Front door", model: "2n", rings: ["*"] });
  expect(asCommand({ ...DOOR, address: "192.168.1.9", username: "u", password: "p", way: "dtmf", code: " 00# " })).toEqual({
    display_name: "Front door", model: "2n", rings: ["*"], address: "192.168.1.9", username: "u", password: "p", open: [{ dtmf: "00#", how: "rfc4733" }],
  });
  expect(asCommand({ ...DOOR, way: "http", url: "http://x/y", http_password: "z" })["open"]).toEqual([{ http: "http://x/y", method: "GET", password: "z" }]);
  expect(asCommand({ ...DOOR, way: "event" })["open"]).toEqual([{ event: true }]);
});

test("what is missing is said at its field", () => {
  expect(faultsOf(DOOR)).toEqual({});
  expect(faultsOf({ ...DOOR, display_name: " ", way: "dtmf", code: "open" })).toEqual({ display_name: "fault_name", code: "fault_keys" });
  expect(faultsOf({ ...DOOR, way: "http", url: "relay" })).toEqual({ url: "fault_url" });
});

test("a password and an opening are sent where they were typed anew", () => {
  expect(asChanges({ display_name: "Gate", has_password: true }, { password: "", open: null })).toEqual({ display_name: "Gate" });
  expect(asChanges({}, { password: "new", open: [{ event: true }] })).toEqual({ password: "new", open: [{ event: true }] });
});
