/** What contacts, their menus and one's own availability say. */

import { Vocabulary } from "./texts";
import english from "../translations/people/en.json";

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/people/*.json", "!**/en.json"]));
