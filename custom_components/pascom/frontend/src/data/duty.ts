/** Who of a team takes its calls now. */

import type { Presence } from "./presence";
import type { Team } from "./wire";

export const DUTIES = ["in", "paused", "out"] as const;
export type Duty = (typeof DUTIES)[number];

const COLOURS: Record<Duty, Presence> = { in: "free", paused: "away", out: "offline" };
const ORDER: Record<Duty, number> = { in: 0, paused: 1, out: 2 };

export function dutyOf(team: Team, user: string): Duty {
  return team.duties?.[user] ?? "in";
}

/** As which colour a team is shown to its members; to others it has none. */
export function teamPresence(team: Team, user: string): Presence | undefined {
  return team.members.includes(user) ? COLOURS[dutyOf(team, user)] : undefined;
}

export function colourOf(duty: Duty): Presence {
  return COLOURS[duty];
}

/** Those who take calls first, who has left last. */
export function byDuty(team: Team): string[] {
  return team.members.toSorted((a, b) => ORDER[dutyOf(team, a)] - ORDER[dutyOf(team, b)]);
}
