/** What one can choose of each card. */

import { customElement } from "lit/decorators.js";
import { Editor, type Field } from "./editor";

const TITLE: Field = { kind: "text", option: "title", label: "title", hint: "title_hint" };

@customElement("pascom-door-card-editor")
export class DoorCardEditor extends Editor {
  protected readonly fields: readonly Field[] = [
    { kind: "place", option: "door", label: "door", place: "door" },
    TITLE,
    { kind: "switch", option: "show_picture", label: "show_picture", standard: true },
    { kind: "switch", option: "live_on_ring", label: "live_on_ring", standard: true },
    { kind: "switch", option: "show_visitor", label: "show_visitor", standard: true },
    { kind: "switch", option: "show_talk", label: "show_talk", standard: true },
    { kind: "switch", option: "show_open", label: "show_open", standard: true },
  ];
}

@customElement("pascom-call-card-editor")
export class CallCardEditor extends Editor {
  protected readonly fields: readonly Field[] = [
    { kind: "people", option: "people", label: "people", hint: "people_hint" },
    { kind: "text", option: "title", label: "title" },
    { kind: "choice", option: "layout", label: "layout", standard: "tiles", choices: [["tiles", "layout_tiles"], ["rows", "layout_rows"]] },
    { kind: "switch", option: "show_people", label: "show_people", standard: true },
    { kind: "switch", option: "show_calls", label: "show_calls", standard: true },
    { kind: "switch", option: "show_links", label: "show_links", standard: true },
  ];
}

@customElement("pascom-room-card-editor")
export class RoomCardEditor extends Editor {
  protected readonly fields: readonly Field[] = [
    { kind: "place", option: "room", label: "room", place: "room" },
    TITLE,
    { kind: "switch", option: "show_people", label: "show_inside", standard: true },
    { kind: "switch", option: "show_join", label: "show_join", standard: true },
    { kind: "switch", option: "show_steering", label: "show_steering", standard: true },
  ];
}
