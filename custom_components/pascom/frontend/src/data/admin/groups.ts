/** Rooms and teams as an administrator sets them. */

export interface RoomSettings {
  name: string;
  display_name: string;
  extension: string;
  /** Empty for free entry; the leader's for no leaders. */
  pin: string;
  admin_pin: string;
  has_pin?: boolean;
  has_admin_pin?: boolean;
  announce_join_leave: boolean;
  announce_user_count: boolean;
  record_conference: boolean;
  wait_marked: boolean;
  end_marked: boolean;
  startmuted: boolean;
  quiet: boolean;
  denoise: boolean;
  max_members: number;
  minutes: number;
  language: string;
  provisioned: boolean;
}

export interface TeamSettings {
  name: string;
  display_name: string;
  extension: string;
  members: string[];
  ring_seconds: number;
  wait_seconds: number;
  provisioned: boolean;
}

export const SWITCHES = ["announce_join_leave", "announce_user_count", "record_conference", "wait_marked", "end_marked", "startmuted", "quiet", "denoise"] as const;
const DIGITS = 6;

export const NEW_ROOM: RoomSettings = {
  name: "", display_name: "", extension: "", pin: "", admin_pin: "", announce_join_leave: false, announce_user_count: false, record_conference: false,
  wait_marked: false, end_marked: false, startmuted: false, quiet: false, denoise: false, max_members: 0, minutes: 0, language: "", provisioned: false,
};
export const NEW_TEAM: TeamSettings = { name: "", display_name: "", extension: "", members: ["*"], ring_seconds: 60, wait_seconds: 0, provisioned: false };

/** Six digits that are not `but`. */
export function newPin(but: string): string {
  for (;;) {
    const digits = Array.from(crypto.getRandomValues(new Uint32Array(DIGITS)), (each) => each % 10).join("");
    if (digits !== but) return digits;
  }
}

export function pinFaults({ pin, admin_pin }: RoomSettings): Partial<Record<"pin" | "admin_pin", "pin_fault" | "pin_same">> {
  const bad = (text: string): boolean => text !== "" && !/^\d{1,12}$/.test(text);
  return {
    ...(bad(pin) ? { pin: "pin_fault" as const } : {}),
    ...(bad(admin_pin) ? { admin_pin: "pin_fault" as const } : admin_pin && admin_pin === pin ? { admin_pin: "pin_same" as const } : {}),
  };
}

/** What `room/add` and `room/update` take. */
export function roomChanges(changes: Partial<RoomSettings>): Record<string, unknown> {
  const { name: _, provisioned: _file, has_pin: _pin, has_admin_pin: _admin, extension, ...rest } = changes;
  return { ...rest, ...(extension ? { extension } : {}) };
}

/** What `team/add` and `team/update` take. */
export function asTeam(changes: Partial<TeamSettings>): Record<string, unknown> {
  const { name: _, provisioned: _file, extension, display_name, ...rest } = changes;
  return { ...(display_name === undefined ? {} : { display_name: display_name.trim() }), ...rest, ...(extension ? { extension } : {}) };
}
