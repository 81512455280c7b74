/** What the settings say. */

import english from "../translations/settings/en.json";
import { Vocabulary } from "./texts";

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/settings/*.json", "!**/en.json"]));
