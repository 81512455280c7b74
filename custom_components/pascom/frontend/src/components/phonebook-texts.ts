import { Vocabulary } from "../data/texts";
import english from "../translations/phonebook/en.json";

/** Texts of the phonebooks. */
export const { t: tb } = new Vocabulary(english, import.meta.glob(["../translations/phonebook/*.json", "!**/en.json"]));
