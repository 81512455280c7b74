/** Which cards of this page look at a door: its picture ends with the last, so that no station is in a call for nobody. */

import type { House } from "../data/house";

const audiences = new WeakMap<House, Map<string, Set<object>>>();

export function look(house: House, door: string, who: object): void {
  join(house, door, who);
  void house.doors.watch(door);
}

/** Stays as long as `who`, without asking for the picture. */
export function join(house: House, door: string, who: object): void {
  lookers(house, door).add(who);
}

/** Who talks, and what takes the screen because it rings, goes on without the card. */
export function leave(house: House, door: string, who: object): void {
  const all = lookers(house, door);
  if (!all.delete(who) || all.size) return;
  const line = house.doors.line(door);
  if (line && line.view !== "talking" && !(line.ring && house.choices.rings)) house.doors.leave(door);
}

function lookers(house: House, door: string): Set<object> {
  const doors = audiences.get(house) ?? new Map<string, Set<object>>();
  audiences.set(house, doors);
  const all = doors.get(door) ?? new Set<object>();
  doors.set(door, all);
  return all;
}
