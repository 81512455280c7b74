import { expect, test } from "vitest";
import { asSaved, flipped, follows, has } from "./rights";
import type { Role } from "./wire";

const ROLE: Role = { name: "guests", see: ["front"], open: [], dial: ["emergency", "+49"], pickup: true, rooms: ["*"], provisioned: false, revision: "r1" };

test("who may open a door sees it, and who sees it no more does not open it", () => {
  expect(flipped(ROLE, "open", "garden", true)).toEqual({ open: ["garden"], see: ["front", "garden"] });
  expect(flipped({ ...ROLE, open: ["front"] }, "see", "front", false)).toEqual({ see: [], open: [] });
  expect(flipped(ROLE, "open", "front", true)).toEqual({ open: ["front"] });
});

test("who has all has each, and none by itself", () => {
  expect(has(ROLE, "rooms", "kitchen")).toBe(true);
  expect(follows(ROLE, "rooms", "kitchen")).toBe(true);
  expect(follows(ROLE, "rooms", "*")).toBe(false);
  expect(flipped(ROLE, "see", "*", true)).toEqual({ see: ["*"] });
  expect(has(ROLE, "dial", "national")).toBe(false);
});

test("what is not shown stays as it is", () => {
  expect(asSaved(ROLE, flipped(ROLE, "dial", "mobile", true))).toEqual({
    role: "guests", revision: "r1", see: ["front"], open: [], dial: ["emergency", "+49", "mobile"], pickup: true, rooms: ["*"],
  });
});
