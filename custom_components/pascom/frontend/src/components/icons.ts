/** Icons by their mdi names; only those used get into the bundle. */

import { mdiChevronLeft, mdiChevronRight } from "@mdi/js";
import { svg, type TemplateResult } from "lit";
export {
  mdiAccount, mdiAlertCircleOutline, mdiAccountCheck, mdiAccountEdit, mdiAccountGroup, mdiAccountLock, mdiAccountPlus, mdiAccountRemove, mdiAccountVoice, mdiArrowDown,
  mdiArrowCollapseAll, mdiArrowExpandAll, mdiArrowUp, mdiBackspaceOutline, mdiBell, mdiBellOff, mdiBellRing, mdiBookAccount, mdiCamera, mdiCheck, mdiChevronLeft, mdiChevronRight, mdiClockOutline, mdiClose,
  mdiCog, mdiContacts, mdiContentCopy, mdiDelete, mdiDeleteOutline, mdiDialpad, mdiDomain, mdiDoorClosed, mdiDoorOpen, mdiDoorbellVideo,
  mdiDotsVertical, mdiDownload, mdiEarHearing, mdiEmail, mdiEmailMarkAsUnread, mdiEmailOpenOutline, mdiEye, mdiFileUpload, mdiHistory,
  mdiKeyboardOutline, mdiLink, mdiLock, mdiLockOpenVariant, mdiMagnify, mdiMenu, mdiMicrophone, mdiMicrophoneOff, mdiPause, mdiPencil, mdiPhone,
  mdiPhoneForward, mdiPhoneHangup, mdiPhoneIncoming, mdiPhoneMissed, mdiPhoneOutgoing, mdiPhonePlus, mdiPhoneRing, mdiPlay, mdiPlus,
  mdiRecordCircleOutline, mdiSetMerge, mdiStar, mdiStarOutline, mdiStop, mdiSwapHorizontal, mdiTextBoxOutline, mdiTuneVertical, mdiUpload, mdiVideo,
  mdiVideoOff, mdiVoicemail, mdiVolumeHigh, mdiVolumeOff, mdiWifiAlert,
} from "@mdi/js";

/** They point along the reading, which is the other way in Hebrew. */
const TURNS: ReadonlySet<string> = new Set([mdiChevronLeft, mdiChevronRight]);

export function icon(path: string): TemplateResult {
  return svg`<svg class="icon ${TURNS.has(path) ? "turns" : ""}" viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;
}
