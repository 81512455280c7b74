import { t as ct } from "../data/call-texts";
import type { Trouble } from "../data/engine/sound";
import { t } from "../data/texts";

const TEXTS: Record<Trouble, () => string> = {
  insecure: () => t("trouble_insecure"),
  denied: () => t("trouble_denied"),
  missing: () => t("trouble_missing"),
  taken: () => t("trouble_taken"),
  camera_denied: () => ct("trouble_camera_denied"),
  camera_missing: () => ct("trouble_camera_missing"),
  app: () => ct("trouble_app"),
};

/** What is wrong with the microphone or the camera and what to do about it, in one sentence. */
export function troubleText(trouble: Trouble): string {
  return TEXTS[trouble]();
}
