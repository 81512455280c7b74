/** How good a line is, in words: from what came since the last look. */

import type { Sample } from "./peer";

export type Quality = "good" | "fair" | "poor";

/** Shares of lost packets and seconds of jitter and round trip from which on a call is only fair, or poor. */
const LIMITS: [Quality, { lost: number; jitter: number; roundTrip: number }][] = [
  ["poor", { lost: 0.08, jitter: 0.1, roundTrip: 0.8 }],
  ["fair", { lost: 0.02, jitter: 0.04, roundTrip: 0.35 }],
];

type Counts = Omit<Sample, "pictures" | "alive">;

/** Null where nothing came and nothing can be said. */
export function judged(before: Counts, now: Counts): Quality | null {
  const received = now.received - before.received;
  const lost = Math.max(0, now.lost - before.lost);
  if (received + lost <= 0) return null;
  const share = lost / (received + lost);
  for (const [quality, limit] of LIMITS)
    if (share >= limit.lost || now.jitter >= limit.jitter || (now.roundTrip ?? 0) >= limit.roundTrip) return quality;
  return "good";
}
