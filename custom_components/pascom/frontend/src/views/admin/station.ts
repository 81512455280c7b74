/** What is to be done in a station of this model, in the reader's language. */

import english from "../../translations/admin/en.json";
import { t, type AdminKey } from "../../data/admin/texts";
import type { Profile } from "../../data/admin/wire";

export function modelName({ manufacturer }: Profile): string {
  return manufacturer || t("model_generic");
}

/** What the PBX says of a model stands for one that is new there. */
export function stationNotes({ model, notes }: Profile): string {
  const key = `station_${model}`;
  return key in english ? t(key as AdminKey) : notes;
}
