/** What crosses the wire, as `tests/wire/*.json` shows it. */

export interface Device {
  name: string;
  account: string;
  kind: string;
  registered: boolean;
}

export interface User {
  name: string;
  display_name: string;
  extension: string;
  roles: string[];
  registered: boolean;
  devices: Device[];
  do_not_disturb: boolean;
  /** What they say of themselves, beside whether they can be called. */
  availability: "available" | "busy" | "away";
  availability_text: string;
  /** All their pages have been left alone for a while. */
  idle: boolean;
  profile: string;
  profiles: string[];
  in_call: boolean;
  /** A phone of theirs rings; who calls is for themselves to know. */
  ringing: boolean;
  voicemail: number;
  voicemail_enabled: boolean | null;
}

export interface Ring {
  id: string;
  button: string;
  since: string;
  answered_by: string;
  rings: string[];
}

export interface LastRing {
  id: string;
  at: string;
  button: string;
  outcome: string;
  answered_by: string;
  picture: boolean;
}

export interface Door {
  name: string;
  display_name: string;
  extension: string;
  connected: boolean;
  state: "idle" | "ringing" | "talking";
  ring: Ring | null;
  opening: string;
  picture: boolean;
  two_way: boolean;
  viewers: number;
  last_ring: LastRing | null;
  voicemail: number | null;
}

export interface Participant {
  id: string;
  name: string;
  number: string;
  user: string;
  leader: boolean;
  talking: boolean;
  muted: boolean;
}

export interface Room {
  name: string;
  display_name: string;
  extension: string;
  has_pin?: boolean;
  active: boolean;
  locked: boolean;
  muted: boolean;
  recording: boolean;
  participants: Participant[];
}

export interface Team {
  name: string;
  display_name: string;
  extension: string;
  members: string[];
  /** Of the members those who take no calls of it now. */
  duties?: Record<string, "paused" | "out">;
  /** Callers, the one who has waited longest first; members and administrators alone see them. */
  waiting?: Waiting[];
  /** Of the PBX's file, to be changed there. */
  provisioned?: boolean;
}

/** A caller of a team whom nobody has taken yet. */
export interface Waiting {
  call: string;
  number: string;
  name: string;
  since: string;
}

/** A line to the outside; administrators alone see them. */
export interface Trunk {
  name: string;
  display_name: string;
  state: "registering" | "registered" | "failed" | "address";
  reason: string;
  channels: number;
  in_use: number;
}

export interface Party {
  number: string;
  name: string;
  user: string;
  device: string;
  role: "caller" | "callee";
  state: "up" | "held" | "holding" | "ringing";
  external: boolean;
}

export interface Call {
  id: string;
  state: string;
  direction: string;
  number: string;
  started: string;
  answered: string | null;
  parties: Party[];
}

export interface Snapshot {
  name: string;
  version: string;
  users: User[];
  doors: Door[];
  rooms: Room[];
  calls: Call[];
  teams: Team[];
  trunks?: Trunk[];
  workplaces?: { name: string; display_name: string; user: string | null }[];
}

export interface Me {
  user: string;
  display_name: string;
  extension: string;
  linked: boolean;
  admin: boolean;
}

export interface LegSeen {
  leg: string;
  call: string;
  state: string;
}

export interface PhoneRang {
  kind: "phone_rang";
  leg: string;
  call: string;
  name: string;
  number: string;
  door: string;
  auto_answer: boolean;
}

export interface PhoneChanged {
  kind: "phone_changed";
  leg: string;
  state: string;
  name: string;
  number: string;
  cause: number;
  reason: string;
  elsewhere: boolean;
}

export interface SessionEnded {
  kind: "session_ended";
  session: string;
  code: string;
  message: string;
}

export interface DoorEvent {
  kind: "door_rang" | "door_answered" | "door_missed" | "door_ended" | "door_opened" | "door_open_failed";
  door: string;
  ring: string;
  button?: string;
  rings?: string[];
  by?: string;
  error?: string;
}

export type Book = "company" | "private";
export type Label = "mobile" | "home" | "work" | "fax" | "other";

export interface Contact {
  id: number;
  book: Book;
  /** What is shown. */
  name: string;
  first: string;
  last: string;
  company: string;
  numbers: readonly { label: Label; number: string }[];
  email: string;
  note: string;
  revision: number;
}

/** `id` 0: so much that it is read anew. */
export interface PhonebookChanged {
  kind: "phonebook_changed";
  book: Book;
  user: string;
  id: number;
  contact: Contact | null;
}

export type PbxEvent =
  | PhonebookChanged
  | PhoneRang
  | PhoneChanged
  | SessionEnded
  | DoorEvent
  | { kind: "door_changed"; door: string; state: Door }
  | { kind: "user_changed"; user: string; state: User }
  | { kind: "room_changed"; room: string; state: Room }
  | { kind: "team_changed"; team: string; state: Team }
  | { kind: "trunk_changed"; trunk: string; state: Trunk }
  | { kind: "room_talking"; room: string; participant: string; talking: boolean }
  | { kind: "call_changed"; call: string; state: Call | null }
  | { kind: "call_answered"; call: string; by: string; number: string; device: string }
  | { kind: "call_missed"; call: string; user: string; caller: string; caller_name: string }
  | { kind: "call_ended"; call: string }
  | { kind: "directory_changed"; snapshot: Snapshot }
  | { kind: "voicemail_received"; message: string; user: string; door: string }
  | { kind: "voicemail_changed"; user: string; door: string };

export type Message =
  | { type: "snapshot"; snapshot: Snapshot | null; me: Me; connected: boolean; pictures?: Record<string, string> }
  | { type: "picture"; user: string; url: string }
  | { type: "event"; event: PbxEvent }
  | { type: "connected"; connected: boolean }
  | { type: "preferences"; preferences: Preferences }
  | { type: "legs"; legs: LegSeen[] };

export interface JournalEntry {
  id: number;
  call: string;
  at: string;
  ended_at?: string | null;
  seconds: number;
  direction: string;
  caller: string;
  caller_name: string;
  caller_user: string;
  number: string;
  callee_name: string;
  callee_user: string;
  answered_by: string;
  outcome: string;
  reason: string;
  quality: readonly LineQuality[];
}

/** What one end of a call heard: packets, milliseconds. */
export interface LineQuality {
  number: string;
  received: number;
  lost: number;
  jitter: number;
  round_trip: number | null;
  codec: string;
}

export interface VisitEntry {
  id: number;
  kind: "ring" | "opening";
  ring: string;
  door: string;
  at: string;
  button: string;
  outcome: string;
  by: string;
  error: string;
  picture: boolean;
}

/** A message in a mailbox; `picture` is whether a visitor was seen. */
export interface Recorded {
  id: string;
  caller: string;
  caller_name: string;
  at: string;
  seconds: number;
  heard: boolean;
  picture: boolean;
}

export interface MailboxSettings {
  enabled: boolean;
  seconds: number;
  pin: boolean;
}

export interface Forward {
  always: string;
  busy: string;
  no_answer: string;
  seconds: number;
}

export interface Rung {
  device: string;
  after: number;
  seconds: number | null;
}

export type Scope = "internal" | "external" | "team";
export type Profile = { name: string } & Record<Scope, Rung[] | null>;

/** How a user is reached. */
export interface FollowMe {
  profile: string;
  outgoing: string;
  mobile: string;
  do_not_disturb: boolean;
  call_waiting: boolean;
  forward: Forward;
  profiles: Profile[];
}

/** What Home Assistant keeps for a user, on whatever device they are. */
export interface Preferences {
  /** `critical`: doors ring on phones that are silent, too. */
  notifications: { door: boolean; call: boolean; missed: boolean; voicemail: boolean; critical: boolean };
  picture: string;
  texts: string[];
  away_after: number;
  /** When they last looked at their journal, on whatever device, empty for never. */
  seen: string;
}

export interface Image {
  content_type: string;
  data: string;
  at?: string;
}
