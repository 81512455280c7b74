/** What each card is told by its dashboard.  All of it is optional: a card finds something to show by itself. */

import { names } from "./names";

export type CardKind = "door" | "call" | "room";
export const KINDS: readonly CardKind[] = ["door", "call", "room"];

export interface CardConfig {
  type: string;
  title?: string;
  /** A door or room by one of its entities. */
  entity?: string;
  grid_options?: object;
  visibility?: object;
}

export interface DoorCardConfig extends CardConfig {
  door?: string;
  show_picture?: boolean;
  show_visitor?: boolean;
  show_talk?: boolean;
  show_open?: boolean;
  /** Whether the picture moves as soon as somebody rings, without a tap. */
  live_on_ring?: boolean;
}

export interface CallCardConfig extends CardConfig {
  /** `user:anna`, `room:table`, `team:sales`, `door:front`; without them this browser's favourites, then everybody. */
  people?: string[];
  layout?: "tiles" | "rows";
  show_people?: boolean;
  show_calls?: boolean;
  show_links?: boolean;
}

export interface RoomCardConfig extends CardConfig {
  room?: string;
  show_people?: boolean;
  show_join?: boolean;
  show_steering?: boolean;
}

export interface Configs {
  door: DoorCardConfig;
  call: CallCardConfig;
  room: RoomCardConfig;
}

const TEXTS = ["title", "entity", "door", "room"] as const;
const CHOICES = [
  "show_picture", "show_visitor", "show_talk", "show_open", "live_on_ring", "show_people", "show_calls", "show_links", "show_join", "show_steering",
] as const;

export function cardType(kind: CardKind): string {
  return `pascom-${kind}-card`;
}

/** The configuration as it is, if it is one; raises what Home Assistant shows in the card's place. */
export function checked(config: unknown): CardConfig {
  const wrong = (option: string): Error => new Error(names.t("wrong_option", { option }));
  if (typeof config !== "object" || config === null || Array.isArray(config)) throw wrong("type");
  const given = config as Record<string, unknown>;
  for (const option of TEXTS) if (given[option] !== undefined && typeof given[option] !== "string") throw wrong(option);
  for (const option of CHOICES) if (given[option] !== undefined && typeof given[option] !== "boolean") throw wrong(option);
  if (given.layout !== undefined && given.layout !== "tiles" && given.layout !== "rows") throw wrong("layout");
  const { people } = given;
  if (people !== undefined && !(Array.isArray(people) && people.every((each) => typeof each === "string"))) throw wrong("people");
  return config as CardConfig;
}

export type Options = Record<string, unknown>;

/** The configuration with this option; without it where that says the same. */
export function changed(config: Options, option: string, value: unknown, standard: unknown): Options {
  const { [option]: _, ...rest } = config;
  const empty = value === "" || value === undefined || (Array.isArray(value) && value.length === 0);
  return empty || value === standard ? rest : { ...rest, [option]: value };
}
