/** People with an extension, and who of Home Assistant they are. */

import type { Ask, Hass } from "../link";
import type { AdminUser, Person, Role } from "./wire";

export interface Household {
  users: AdminUser[];
  roles: Role[];
  people: Person[];
}

export async function household(ask: Ask, hass: Hass): Promise<Household> {
  const [{ users }, { roles }, everybody] = await Promise.all([
    ask<{ users: AdminUser[] }>("user/list"),
    ask<{ roles: Role[] }>("role/list"),
    hass.connection.sendMessagePromise<Person[]>({ type: "config/auth/list" }).catch((): Person[] => []),
  ]);
  return {
    users: users.toSorted((a, b) => a.display_name.localeCompare(b.display_name)),
    roles,
    people: everybody.filter((each) => each.is_active && !each.system_generated),
  };
}

/** Who of Home Assistant may be linked to this user: the one who is, and all who are nobody here yet. */
export function linkable({ users, people }: Household, user: string): Person[] {
  const taken = new Set(users.filter((each) => each.name !== user).map((each) => each.ha_user));
  return people.filter((each) => !taken.has(each.id));
}

/** Who of Home Assistant is nobody here yet. */
export function newcomers({ users, people }: Household): Person[] {
  const here = new Set(users.map((each) => each.ha_user));
  return people.filter((each) => !here.has(each.id)).toSorted((a, b) => (a.name ?? "").localeCompare(b.name ?? ""));
}

/** What is wrong with a new extension before anybody is asked; the PBX has the last word. */
export function badExtension(extension: string, taken: readonly { extension: string; name: string; display_name: string }[], self = ""): "" | "fault_extension" | { by: string } {
  if (!/^\d{1,15}$/.test(extension)) return "fault_extension";
  const other = taken.find((each) => each.extension === extension && each.name !== self);
  return other ? { by: other.display_name } : "";
}
