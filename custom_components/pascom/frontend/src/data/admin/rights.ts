/** What roles may, as a table: a row for each thing, a column for each role. */

import { EVERYONE, type Role } from "./wire";

export type List = "see" | "open" | "rooms" | "dial";
export type Change = Partial<Pick<Role, List | "pickup" | "phonebook">>;

export const DIAL = ["national", "mobile", "international", "premium"] as const;

/** Whether this role has it, by name or because it has all. */
export function has(role: Role, list: List, name: string): boolean {
  return role[list].includes(name) || (list !== "dial" && role[list].includes(EVERYONE));
}

/** Whether it follows from having all, so that it cannot be taken by itself. */
export function follows(role: Role, list: List, name: string): boolean {
  return list !== "dial" && name !== EVERYONE && role[list].includes(EVERYONE);
}

/** What changes when this box is ticked or not.  Who may open sees, too, and who sees no more opens no more. */
export function flipped(role: Role, list: List, name: string, on: boolean): Change {
  const changed = turn(role[list], name, on);
  if (list === "open" && on && !has(role, "see", name)) return { open: changed, see: turn(role.see, name, true) };
  if (list === "see" && !on && role.open.includes(name)) return { see: changed, open: turn(role.open, name, false) };
  return { [list]: changed };
}

function turn(names: readonly string[], name: string, on: boolean): string[] {
  if (!on) return names.filter((each) => each !== name);
  // Who has all needs no single ones beside it.
  return name === EVERYONE ? [EVERYONE] : [...names.filter((each) => each !== name), name];
}

/** All that `role/save` wants to know, so that nothing is lost that is not shown here. */
export function asSaved(role: Role, change: Change): Record<string, unknown> {
  const { name, provisioned: _, revision, ...rights } = { ...role, ...change };
  return { role: name, revision, ...rights };
}
