/** Tells Home Assistant of our cards and our dashboard, once on a page. */

import { cardType, KINDS, type CardKind } from "./config";
import { names } from "./names";
import type { Home } from "./places";
import { shell } from "./shell";
import { suggestion, type Suggestion } from "./suggestions";
import { PascomStrategy, STRATEGY } from "../strategy/strategy";

export interface Offered {
  type: string;
  name: string;
  description: string;
  preview?: boolean;
  documentationURL: string;
  strategyType?: string;
  getEntitySuggestion?: (home: Home, entityId: string) => Suggestion | null;
}

interface Pickers {
  customCards?: Offered[];
  customStrategies?: Offered[];
}

const DOCUMENTATION = "https://github.com/pascom/pascom-home-assistant/blob/main/docs/cards.md";

/** The texts are asked for when they are shown, in the language of that moment. */
function card(kind: CardKind): Offered {
  return {
    type: cardType(kind),
    get name() { return names.t(`${kind}_card`); },
    get description() { return names.t(`${kind}_card_about`); },
    preview: true,
    documentationURL: DOCUMENTATION,
    getEntitySuggestion: (home, entityId) => suggestion(kind, home, entityId),
  };
}

const DASHBOARD: Offered = {
  type: STRATEGY,
  strategyType: "dashboard",
  get name() { return names.t("dashboard"); },
  get description() { return names.t("dashboard_about"); },
  documentationURL: `${DOCUMENTATION}#a-dashboard-that-builds-itself`,
};

/** The lists may be Home Assistant's already, and stay the same lists. */
export function register(page: Pickers = window as unknown as Pickers): void {
  for (const kind of KINDS) define(cardType(kind), () => shell(kind));
  define(`ll-strategy-dashboard-${STRATEGY}`, () => PascomStrategy);
  (page.customCards ??= []).push(...KINDS.map(card));
  (page.customStrategies ??= []).push(DASHBOARD);
}

/** A newer build may come to a page that has the elements of an older one; those stay until it is loaded again. */
function define(name: string, make: () => CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, make());
}
