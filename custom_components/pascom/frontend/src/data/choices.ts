/** What this browser remembers: its microphone, speaker, tones, favourites.  Nothing of it leaves the browser. */

import { DEFAULT_SHORTCUTS, type Shortcuts } from "./shortcuts";

export type Chime = "classic" | "soft" | "modern" | "door";

export interface Choices {
  microphone: string;
  speaker: string;
  camera: string;
  /** Of calls to oneself, of doors, and of calls to a team. */
  tone: Chime;
  doorTone: Chime;
  teamTone: Chime;
  volume: number;
  rings: boolean;
  /** `browser`, or the name of a device that rings first. */
  outgoing: string;
  favourites: string[];
  narrow: boolean;
  area: string;
  last: string;
  /** Of several PBXs the one that is used here, by its config entry. */
  pbx: string;
  /** The browser tells of what rings while nobody looks at it. */
  notifies: boolean;
  /** Empty: as Home Assistant speaks. */
  language: string;
  shortcuts: Shortcuts;
  /** Whether that was offered. */
  offered: boolean;
  /** What links to telephone numbers do, on any page of Home Assistant. */
  links: Links;
}

/** They are the browser's, fill the telephone's field, or call at once. */
export const LINKS = ["prepare", "call", "off"] as const;
export type Links = (typeof LINKS)[number];

const DEFAULTS: Choices = {
  microphone: "",
  speaker: "",
  camera: "",
  tone: "classic",
  doorTone: "door",
  teamTone: "soft",
  volume: 0.6,
  rings: true,
  outgoing: "browser",
  favourites: [],
  narrow: false,
  area: "contacts",
  last: "",
  pbx: "",
  notifies: true,
  language: "",
  shortcuts: DEFAULT_SHORTCUTS,
  offered: false,
  links: "prepare",
};
export const KEY = "pascom.choices";

export function readChoices(storage: Storage = localStorage): Choices {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "{}") as Partial<Choices>;
    if (!LINKS.includes(kept.links as Links)) delete kept.links;
    return { ...DEFAULTS, ...kept, shortcuts: { ...DEFAULT_SHORTCUTS, ...kept.shortcuts } };
  } catch {
    return { ...DEFAULTS };
  }
}

export function keepChoices(choices: Choices, storage: Storage = localStorage): void {
  try {
    storage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // A full or forbidden storage forgets; nothing else depends on it.
  }
}

/** The name of this tab as a phone: it stays over a reload, and a duplicated tab gets another one. */
export async function deviceName(): Promise<string> {
  const fresh = (): string => `tab-${Math.random().toString(36).slice(2, 10)}`;
  let name = fresh();
  try {
    name = sessionStorage.getItem("pascom.device") ?? name;
    if (!(await heldSoon(name))) await held((name = fresh()));
    sessionStorage.setItem("pascom.device", name);
  } catch {
    // No storage: every load is a device of its own.
  }
  return name;
}

/** A page that is reloaded may still have its name for a moment, on a slow tablet for some; a duplicated tab never gets it. */
async function heldSoon(name: string): Promise<boolean> {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  for (let tries = entry?.type === "reload" ? 40 : 5; tries > 0; tries -= 1) {
    if (await held(name)) return true;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return false;
}

/** Takes the name for this tab, for as long as it lives; false where another tab has it. */
function held(name: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`pascom.${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<void>(() => undefined);
    });
  });
}
