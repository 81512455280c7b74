/** What is said of calls under way. */

import english from "../translations/calls/en.json";
import { Vocabulary } from "./texts";

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/calls/*.json", "!**/en.json"]));
