/** What the administration alone shows. */

export { mdiAccountKey, mdiCellphone, mdiChevronRight, mdiDelete, mdiDeskphone, mdiKeyVariant, mdiPlus, mdiQrcode, mdiTextBoxSearch, mdiTools } from "@mdi/js";
