/** How somebody is reached right now: a colour, and always words with it. */

import type { Key } from "./texts";
import type { Door, User } from "./wire";

export type Presence = "free" | "busy" | "ringing" | "quiet" | "away" | "offline";

/** What one may say of oneself, as in the menu. */
export const CHOICES = ["available", "busy", "away", "do_not_disturb"] as const;
export type Choice = (typeof CHOICES)[number];

const COLOURS: Record<Choice, Presence> = { available: "free", busy: "busy", away: "away", do_not_disturb: "quiet" };
const SAID: Record<Presence, Key> = {
  free: "available", busy: "busy", ringing: "door_rings", quiet: "do_not_disturb", away: "away", offline: "unavailable",
};

/** What somebody chose themselves. */
export function chosen(user: User): Choice {
  return user.do_not_disturb ? "do_not_disturb" : user.availability;
}

export function colourOf(choice: Choice): Presence {
  return COLOURS[choice];
}

export function presenceOf(user: User): Presence {
  if (user.in_call) return "busy";
  if (user.ringing) return "ringing";
  if (user.do_not_disturb) return "quiet";
  if (user.availability !== "available") return COLOURS[user.availability];
  if (!user.registered) return "offline";
  return user.idle ? "away" : "free";
}

/** The key of the words for it; a call goes before everything else, one that rings comes next. */
export function presenceKey(user: User): Key {
  return user.in_call ? "in_call" : user.ringing ? "ringing" : SAID[presenceOf(user)];
}

export function doorPresence(door: Door): Presence {
  if (door.state === "ringing") return "ringing";
  if (door.state === "talking") return "busy";
  return door.connected ? "free" : "offline";
}

export function doorKey(door: Door): Key {
  if (door.state === "ringing") return "door_rings";
  if (door.state === "talking") return "in_call";
  if (!door.connected) return "door_offline";
  return door.viewers ? "door_live" : "door_ready";
}
