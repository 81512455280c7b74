/** Icons by their mdi names; only those used get into the bundle. */

import { svg, type TemplateResult } from "lit";
export {
  mdiAccount, mdiAccountCheck, mdiAccountEdit, mdiAccountGroup, mdiAccountRemove, mdiAccountVoice, mdiArrowDown, mdiArrowUp, mdiBackspaceOutline,
  mdiBell, mdiBellOff, mdiBellRing, mdiCamera, mdiCheck, mdiChevronLeft, mdiClockOutline, mdiClose, mdiCog, mdiContacts, mdiContentCopy,
  mdiDeleteOutline, mdiDialpad, mdiDoorClosed, mdiDoorOpen, mdiDoorbellVideo, mdiDotsVertical, mdiEarHearing, mdiEmailMarkAsUnread,
  mdiEmailOpenOutline, mdiEye, mdiHistory, mdiKeyboardOutline, mdiLink, mdiLock, mdiLockOpenVariant, mdiMagnify, mdiMenu, mdiMicrophone,
  mdiMicrophoneOff, mdiPause, mdiPhone, mdiPhoneForward, mdiPhoneHangup, mdiPhoneIncoming, mdiPhoneMissed, mdiPhoneOutgoing, mdiPhonePlus,
  mdiPhoneRing, mdiPlay, mdiRecordCircleOutline, mdiSetMerge, mdiStar, mdiStarOutline, mdiStop, mdiSwapHorizontal, mdiTextBoxOutline, mdiTuneVertical,
  mdiUpload, mdiVideo, mdiVideoOff, mdiVoicemail, mdiVolumeHigh, mdiVolumeOff, mdiWifiAlert,
} from "@mdi/js";

export {
  mdiAccountLock, mdiAccountPlus, mdiBookAccount, mdiDelete, mdiDomain, mdiDownload, mdiEmail, mdiFileUpload, mdiPencil, mdiPlus,
} from "@mdi/js";

export function icon(path: string): TemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;
}
