/** What the administration alone shows. */

export { mdiAccountKey, mdiCellphone, mdiChevronRight, mdiDelete, mdiDeskphone, mdiDice5Outline as mdiDice, mdiKeyVariant, mdiPlus, mdiQrcode, mdiRestart, mdiTableChair, mdiTextBoxSearch, mdiTools } from "@mdi/js";
