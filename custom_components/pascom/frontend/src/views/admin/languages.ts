/** What the PBX speaks. */

import type { Choice } from "../../components/form/fields";

export const LANGUAGES: readonly Choice[] = [["en", "English"], ["de", "Deutsch"], ["fr", "Français"], ["nl", "Nederlands"], ["sr", "Srpski"], ["bar", "Boarisch"]];
