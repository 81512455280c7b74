/** What one can choose of the dashboard that builds itself. */

import { customElement } from "lit/decorators.js";
import { Editor, type Field } from "../cards/editor";

@customElement("pascom-dashboard-editor")
export class DashboardEditor extends Editor {
  protected readonly fields: readonly Field[] = [
    { kind: "switch", option: "show_doors", label: "dashboard_doors", standard: true },
    { kind: "places", option: "hidden", label: "doors", place: "door" },
    { kind: "switch", option: "show_people", label: "dashboard_people", standard: true },
    { kind: "switch", option: "show_rooms", label: "dashboard_rooms", standard: true },
    { kind: "places", option: "hidden", label: "rooms", place: "room" },
  ];
}
