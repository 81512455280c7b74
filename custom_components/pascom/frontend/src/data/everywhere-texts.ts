/** What is said on any page of Home Assistant beside calls. */

import english from "../translations/everywhere/en.json";
import { Vocabulary } from "./texts";

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/everywhere/*.json", "!**/en.json"]));
