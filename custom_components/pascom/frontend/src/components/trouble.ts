import type { Trouble } from "../data/engine/sound";
import { t } from "../data/texts";

/** What is wrong with the microphone and what to do about it, in one sentence. */
export function troubleText(trouble: Trouble): string {
  return t(`trouble_${trouble}`);
}
