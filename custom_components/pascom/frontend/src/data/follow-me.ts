/** Which device rings when, as one sets it: a row for each device. */

import type { Device, Profile, Rung, Scope } from "./wire";

export const SCOPES: readonly Scope[] = ["internal", "external", "team"];
export const DEFAULT_PROFILE = "default";

/** A device of a profile; `rings` says whether at all, `seconds` null is to the end. */
export interface Row {
  device: string;
  kind: string;
  rings: boolean;
  after: number;
  seconds: number | null;
}

/** Every device of the user, as this profile has it; where all ring at once, all do from the beginning. */
export function rowsOf(profile: Profile, scope: Scope, devices: readonly Pick<Device, "name" | "kind">[]): Row[] {
  const rungs = profile[scope];
  const browser = devices.some(({ kind }) => kind === "browser") ? [] : [{ name: "browser", kind: "browser" }];
  const known = [...devices, ...browser].map(({ name, kind }): Row => {
    const rung = rungs?.find(({ device }) => device === name);
    return { device: name, kind, rings: rungs === null ? kind !== "mobile" : rung !== undefined, after: rung?.after ?? 0, seconds: rung?.seconds ?? null };
  });
  const gone = (rungs ?? []).filter(({ device }) => !known.some((row) => row.device === device));
  return [...known, ...gone.map((rung) => ({ ...rung, kind: "gone", rings: true }))];
}

export function rungsOf(rows: readonly Row[]): Rung[] {
  return rows.filter(({ rings }) => rings).map(({ device, after, seconds }) => ({ device, after, seconds }));
}

/** Those to choose from, with whatever is set already. */
export function offered(usual: readonly number[], set: number): number[] {
  return [...new Set([...usual, set])].toSorted((a, b) => a - b);
}
