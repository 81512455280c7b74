/** What is said of teams. */

import { Vocabulary } from "./texts";
import english from "../translations/team/en.json";

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/team/*.json", "!**/en.json"]));
