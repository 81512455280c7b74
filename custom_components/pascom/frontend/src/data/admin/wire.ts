/** What administrators are told, as `tests/wire/*.json` shows it. */

import type { User } from "../wire";

/** What is typed into a phone or station; `password` is asked for only where somebody copies it. */
export interface Account {
  server: string;
  port: number;
  transports: string[];
  username: string;
  password: string;
}

export interface AdminDevice {
  name: string;
  account: string;
  kind: string;
  registered: boolean;
  user_agent: string;
  /** Where in the network it is; empty while it is not registered. */
  address?: string;
}

export interface AdminUser extends Omit<User, "devices"> {
  ha_user: string | null;
  provisioned: boolean;
  roles: string[];
  devices: AdminDevice[];
}

export interface UserSettings {
  name: string;
  display_name: string;
  extension: string;
  roles: string[];
  mobile: string;
  language: string;
  voicemail: boolean;
  has_account: boolean;
  devices: { name: string; account: string; provisioned: boolean }[];
  ha_user: string | null;
  provisioned: boolean;
}

export interface BellButton {
  number: string;
  name: string;
  rings: string[];
}

export interface Opening {
  kind: "dtmf" | "http" | "event";
  how?: string;
  host?: string;
  method?: string;
  username?: string;
}

export interface DoorSettings {
  name: string;
  display_name: string;
  extension: string;
  model: string;
  address: string;
  rings: string[];
  buttons: BellButton[];
  ring_seconds: number;
  late_seconds: number;
  leave_message: boolean;
  open: Opening[];
  video_url: string;
  image_url: string;
  username: string;
  has_password: boolean;
  in_call: boolean;
  early: string;
  provisioned: boolean;
}

export interface Seen<T> {
  settings: T;
  revision: string;
}

export interface Role {
  name: string;
  see: string[];
  open: string[];
  dial: string[];
  pickup: boolean;
  rooms: string[];
  phonebook?: boolean;
  provisioned: boolean;
  revision: string;
}

/** A model of door station; `dtmf`, `http` and `pictures` say what is known of it without its owner. */
export interface Profile {
  model: string;
  name: string;
  manufacturer: string;
  notes: string;
  dtmf?: boolean;
  http?: boolean;
  pictures?: boolean;
}

export interface LogLine {
  id: number;
  at: string;
  level: "debug" | "info" | "warning" | "error";
  part: string;
  text: string;
}

/** A user of Home Assistant. */
export interface Person {
  id: string;
  name: string | null;
  is_active: boolean;
  system_generated: boolean;
}

export const EVERYONE = "*";
