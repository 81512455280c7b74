/** Whom a filter of the contacts lets through: teams and roles, as the PBX has them. */

import type { Snapshot, User } from "./wire";

/** `team:name` or `role:name`. */
export type Group = string;

export interface Grouped {
  key: Group;
  title: string;
}

export function teamsOf(snapshot: Snapshot | null): Grouped[] {
  return (snapshot?.teams ?? []).map(({ name, display_name }) => ({ key: `team:${name}`, title: display_name || name }));
}

/** Roles that somebody has. */
export function rolesOf(snapshot: Snapshot | null): Grouped[] {
  const names = new Set((snapshot?.users ?? []).flatMap((user) => user.roles ?? []));
  return [...names].toSorted().map((name) => ({ key: `role:${name}`, title: name }));
}

export function isIn(group: Group, user: User | undefined, snapshot: Snapshot | null): boolean {
  if (!group) return true;
  if (user === undefined) return false;
  const [kind, name = ""] = group.split(/:(.*)/s);
  if (kind === "role") return (user.roles ?? []).includes(name);
  return snapshot?.teams.find((team) => team.name === name)?.members.includes(user.name) ?? false;
}
