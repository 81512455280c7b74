import type { House } from "../data/house";
import { t } from "../data/texts";

/** Pages that came by http have no clipboard of their own; the old way works everywhere, and inside an open dialog, too. */
export async function copy(house: House, text: string, near: Node = document.body): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    near.appendChild(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  house.say(t("copied"));
}
