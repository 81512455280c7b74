import english from "../../translations/groups/en.json";
import { Vocabulary } from "../texts";

/** Of rooms, teams, where lines ring, and who or what comes new. */
export type GroupKey = keyof typeof english;
export const { t: g } = new Vocabulary(english, import.meta.glob(["../../translations/groups/*.json", "!**/en.json"]));
