import { expect, test } from "vitest";
import { byDuty, dutyOf, teamPresence } from "./duty";
import { Store } from "./store";
import type { Snapshot, Team } from "./wire";

const FAMILY: Team = { name: "family", display_name: "Family", extension: "200", members: ["anna", "ben", "carl"], duties: { anna: "out", ben: "paused" }, waiting: [] };

test("who says nothing takes the calls of their team", () => {
  expect(dutyOf(FAMILY, "carl")).toBe("in");
  expect(dutyOf(FAMILY, "ben")).toBe("paused");
});

test("those who take calls stand first, who has left stands last", () => {
  expect(byDuty(FAMILY)).toEqual(["carl", "ben", "anna"]);
});

test("a team has the colour of one's own part in it, and none for others", () => {
  expect(["anna", "ben", "carl", "dora"].map((user) => teamPresence(FAMILY, user))).toEqual(["offline", "away", "free", undefined]);
});

test("a team that changed is shown so", () => {
  const store = new Store();
  const snapshot = { name: "", version: "", users: [], doors: [], rooms: [], calls: [], teams: [FAMILY] } as Snapshot;
  store.take({ type: "snapshot", snapshot, me: store.me, connected: true });
  const waiting = [{ call: "c1", number: "0171", name: "Dr. Huber", since: "2026-11-21T09:40:00.000+00:00" }];
  store.take({ type: "event", event: { kind: "team_changed", team: "family", state: { ...FAMILY, duties: {}, waiting } } });
  expect(store.snapshot?.teams).toEqual([{ ...FAMILY, duties: {}, waiting }]);
});
