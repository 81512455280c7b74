/** Icons by their mdi names; only those used get into the bundle. */

import { svg, type TemplateResult } from "lit";
export {
  mdiAccount, mdiAccountGroup, mdiAccountRemove, mdiAccountVoice, mdiBackspaceOutline, mdiArrowDown, mdiArrowUp, mdiBell, mdiBellOff, mdiBellRing, mdiCheck,
  mdiChevronLeft, mdiClose, mdiCog, mdiContacts, mdiContentCopy, mdiDialpad, mdiDoorbellVideo, mdiDoorClosed, mdiDoorOpen, mdiEye,
  mdiHistory, mdiLock, mdiLockOpenVariant, mdiMagnify, mdiMenu, mdiMicrophone, mdiMicrophoneOff, mdiPause, mdiPhone, mdiPhoneForward,
  mdiPhoneHangup, mdiPhoneIncoming, mdiPhoneMissed, mdiPhoneOutgoing, mdiPhonePlus, mdiPhoneRing, mdiPlay,
  mdiRecordCircleOutline, mdiSetMerge, mdiStar, mdiStarOutline, mdiStop, mdiSwapHorizontal, mdiVolumeHigh, mdiVolumeOff, mdiVoicemail, mdiWifiAlert,
  mdiEarHearing, mdiTuneVertical, mdiVideo, mdiVideoOff,
} from "@mdi/js";

export {
  mdiAccountLock, mdiAccountPlus, mdiBookAccount, mdiDelete, mdiDomain, mdiDotsVertical, mdiDownload, mdiEmail, mdiFileUpload, mdiPencil, mdiPlus,
} from "@mdi/js";

export function icon(path: string): TemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;
}
