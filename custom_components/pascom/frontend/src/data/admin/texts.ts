import english from "../../translations/admin/en.json";
import { Vocabulary } from "../texts";

export type AdminKey = keyof typeof english;
export const { t } = new Vocabulary(english, import.meta.glob(["../../translations/admin/*.json", "!**/en.json"]));
