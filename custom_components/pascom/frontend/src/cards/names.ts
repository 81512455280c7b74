/** How cards and the dashboard are called in Home Assistant's pickers: these texts are on every page. */

import { Vocabulary } from "../data/vocabulary";
import english from "../translations/card_names/en.json";

export const names = new Vocabulary(english, import.meta.glob(["../translations/card_names/*.json", "!**/en.json"]));
