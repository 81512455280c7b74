/** Keys that do something on every page of Home Assistant: which ones, and which ones browsers or writing need. */

export const ACTIONS = ["answer", "mute", "search"] as const;
export type Action = (typeof ACTIONS)[number];
export type Shortcuts = Record<Action, string>;

/** Function keys that no common browser uses. */
export const DEFAULT_SHORTCUTS: Shortcuts = { answer: "F8", mute: "F9", search: "F2" };

export interface Stroke {
  key: string;
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

export type Verdict = "" | "reserved" | "plain" | "taken";

const MODIFIERS = ["Control", "Alt", "Shift", "Meta", "AltGraph", "CapsLock", "Dead", "Process", "Unidentified"];
/** Keys with which one moves about, and those that browsers keep for themselves. */
const KEPT = new Set(["Tab", "Escape", "Enter", "Space", "Backspace", "Delete", "F1", "F3", "F5", "F6", "F7", "F10", "F11", "F12"]);
/** With Control or Command: letters that mean something in browsers and text. */
const BROWSERS = "ACDEFGHJKLNOPRSTUVWXYZ";

/** `Control+Shift+K`, `F8`; empty while only modifiers are down. */
export function nameOf(stroke: Stroke): string {
  if (MODIFIERS.includes(stroke.key)) return "";
  const key = /^(?:Key|Digit)(\w)$/.exec(stroke.code)?.[1] ?? (stroke.key === " " ? "Space" : stroke.key.length === 1 ? stroke.key.toUpperCase() : stroke.key);
  const held = [stroke.ctrlKey && "Control", stroke.altKey && "Alt", stroke.shiftKey && "Shift", stroke.metaKey && "Meta"];
  return [...held, key].filter(Boolean).join("+");
}

/** Why this may not be the shortcut of an action, empty where it may. */
export function verdict(name: string, action: Action, chosen: Shortcuts): Verdict {
  const parts = name.split("+");
  const key = parts.at(-1) ?? "";
  const held = new Set(parts.slice(0, -1));
  if (KEPT.has(key)) return "reserved";
  const commands = held.has("Control") || held.has("Meta");
  if (commands && !held.has("Alt") && (BROWSERS.includes(key) || /^[\d+\-=]$/.test(key))) return "reserved";
  // Control with Alt writes letters on many keyboards, and a letter alone is text or one of Home Assistant's own.
  if (!/^F\d+$/.test(key) && (!held.size || (held.size === 1 && held.has("Shift")) || (held.has("Control") && held.has("Alt")))) return "plain";
  if (ACTIONS.some((other) => other !== action && chosen[other] === name)) return "taken";
  return "";
}

/** What this stroke means. */
export function actionOf(stroke: Stroke, chosen: Shortcuts): Action | undefined {
  const name = nameOf(stroke);
  return name ? ACTIONS.find((action) => chosen[action] === name) : undefined;
}
