/** What the panel says: the texts that several areas share.  Other areas have their own. */

import english from "../translations/panel/en.json";
import { Vocabulary } from "./vocabulary";

export { speak, Vocabulary, whenSpoken } from "./vocabulary";

export type Key = keyof typeof english;

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/panel/*.json", "!**/en.json"]));
