/** Pages that came by http have no clipboard of their own; the old way works everywhere. */

import type { House } from "../data/house";
import { t } from "../data/texts";

export async function copy(house: House, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  house.say(t("copied"));
}
