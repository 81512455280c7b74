import { Vocabulary } from "../data/texts";
import english from "../translations/journal/en.json";

/** Texts of the journal and of the search. */
export const { t: tj } = new Vocabulary(english, import.meta.glob(["../translations/journal/*.json", "!**/en.json"]));
