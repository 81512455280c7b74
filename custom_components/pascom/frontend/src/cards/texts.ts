/** What cards, their editors and the dashboard say besides what the panel says, too. */

import { Vocabulary } from "../data/vocabulary";
import english from "../translations/cards/en.json";

export type CardKey = keyof typeof english;

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/cards/*.json", "!**/en.json"]));
