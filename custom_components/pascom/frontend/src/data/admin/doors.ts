/** Doors: what the dialog for a new one asks, by what is known of its model, and what an opening is called. */

import type { DoorSettings, Profile } from "./wire";

export type Way = "profile" | "dtmf" | "http" | "event";

/** What is filled in of a new door. */
export interface NewDoor {
  model: string;
  display_name: string;
  rings: string[];
  way: Way;
  address: string;
  username: string;
  password: string;
  code: string;
  how: string;
  url: string;
  method: string;
  http_username: string;
  http_password: string;
}

export const FRESH: NewDoor = {
  model: "", display_name: "", rings: ["*"], way: "profile", address: "", username: "", password: "",
  code: "", how: "rfc4733", url: "", method: "GET", http_username: "", http_password: "",
};

/** What a model leaves to choose: what it knows itself goes first. */
export function waysOf(profile: Profile | undefined): Way[] {
  return profile?.dtmf || profile?.http ? ["profile", "dtmf", "http", "event"] : ["dtmf", "http", "event"];
}

/** As `door/add` takes it. */
export function asCommand(door: NewDoor): Record<string, unknown> {
  const station = { address: door.address.trim(), username: door.username.trim(), password: door.password };
  const given = Object.entries(station).filter(([, value]) => value);
  const opening = openingOf(door);
  return { display_name: door.display_name.trim(), model: door.model, rings: door.rings, ...Object.fromEntries(given), ...(opening ? { open: opening } : {}) };
}

/** As the PBX has an opening; none where the model knows its own. */
export function openingOf({ way, code, how, url, method, http_username, http_password }: NewDoor): object[] | null {
  const account = Object.fromEntries(Object.entries({ username: http_username, password: http_password }).filter(([, value]) => value));
  switch (way) {
    case "dtmf":
      return [{ dtmf: code.trim(), how }];
    case "http":
      return [{ http: url.trim(), method, ...account }];
    case "event":
      return [{ event: true }];
    default:
      return null;
  }
}

/** What can be said of it before the PBX is asked: by field, the key of a text. */
export function faultsOf(door: NewDoor): Partial<Record<keyof NewDoor, "fault_name" | "fault_keys" | "fault_url">> {
  return {
    ...(door.display_name.trim() ? {} : { display_name: "fault_name" as const }),
    ...(door.way === "dtmf" && !/^[0-9A-Da-d*#]{1,64}$/.test(door.code.trim()) ? { code: "fault_keys" as const } : {}),
    ...(door.way === "http" && !/^https?:\/\/\S+$/.test(door.url.trim()) ? { url: "fault_url" as const } : {}),
  };
}

/** What `door/update` takes of changed settings; the station's password only where a new one was typed. */
export function asChanges(changes: Partial<DoorSettings>, typed: { password: string; open: object[] | null }): Record<string, unknown> {
  const { has_password: _, open: __, name: ___, provisioned: ____, ...rest } = changes;
  return { ...rest, ...(typed.password ? { password: typed.password } : {}), ...(typed.open ? { open: typed.open } : {}) };
}
