/** What mailboxes say. */

import english from "../translations/voicemail/en.json";
import { Vocabulary } from "./texts";

export const { t } = new Vocabulary(english, import.meta.glob(["../translations/voicemail/*.json", "!**/en.json"]));
