/** What a page listens to beside its own buttons: keys, links to numbers, and whether anybody sees what happens. */

import { keepAwake, watchFreezing, type Suspended } from "./awake";
import { Badge, BROWSER_SIGN } from "./badge";
import { KEY, readChoices } from "./choices";
import { BROWSER_SCREEN, HiddenNotices, noticesHere, showLooking, type Told } from "./hidden";
import type { House } from "./house";
import { navigate } from "./navigate";
import { actionOf, type Action } from "./shortcuts";
import { t as s } from "./everywhere-texts";
import { linkOf } from "./tel";
import { t } from "./texts";
import type { PbxEvent } from "./wire";

export function attend(house: House, connection: Suspended): void {
  addEventListener("keydown", (event) => pressed(house, event), { capture: true });
  addEventListener("click", (event) => clicked(house, event), { capture: true });
  addEventListener("storage", ({ key }) => key === KEY && house.adopt(readChoices()));
  const frozen = watchFreezing(globalThis);
  keepAwake(connection, () => !frozen() && house.serves);
  const badge = new Badge(BROWSER_SIGN);
  const { preferred, store } = house;
  const notices = new HiddenNotices(BROWSER_SCREEN, (kind) => house.choices.notifies && preferred.value.notifications[kind]);
  const looking = showLooking(BROWSER_SCREEN.hidden);
  store.listen(() => {
    notices.look(ringing(house));
    badge.show(store.missed + store.messages);
  });
  house.hear((event) => {
    const told = happened(house, event);
    if (told) notices.tell(told);
  });
  for (const kind of ["visibilitychange", "focus", "blur"])
    addEventListener(kind, () => {
      looking();
      notices.look();
      if (!BROWSER_SCREEN.hidden() && notices.missed) offerNotices(house);
      // What is on the screen may be seen from now on.
      store.changed();
    });
  looking();
}

/** Who was not told what rang is asked once whether the browser shall, when they are back and nothing rings. */
function offerNotices(house: House): void {
  const { choices, engine, doors } = house;
  if (noticesHere() !== "default" || choices.offered || !choices.notifies || engine.live.length || doors.ringing) return;
  const asked = { offered: true };
  house.choose(asked);
  house.offer(s("notify_offer"), [
    { text: s("notify_offer_yes"), take: () => void Notification.requestPermission().then(() => house.store.changed()) },
    { text: s("notify_offer_no"), take: () => house.choose({ notifies: false }) },
  ]);
}

const WORKS: Record<Action, (house: House) => boolean> = {
  answer: (house) => {
    const { engine, doors } = house;
    const [call] = engine.ringing;
    if (call) void engine.answer(call);
    else if (doors.ringing) void doors.talk(doors.ringing.door);
    else if (doors.talking) void doors.end(doors.talking.door);
    else if (engine.current && engine.current.phase !== "ended") engine.hangUp(engine.current);
    else return false;
    return true;
  },
  mute: ({ engine, doors }) => {
    if (doors.talking) doors.mute(doors.talking);
    else if (engine.current?.phase === "talking") engine.mute(engine.current);
    else return false;
    return true;
  },
  search: () => {
    navigate("/pascom/search");
    return true;
  },
};

function pressed(house: House, event: KeyboardEvent): void {
  if (event.repeat || event.defaultPrevented || house.store.phase !== "ready") return;
  // While a key is chosen, it is that and nothing else.
  if (event.composedPath().some((each) => each instanceof HTMLElement && each.localName === "pascom-settings-shortcuts" && each.hasAttribute("asks"))) return;
  const action = actionOf(event, house.choices.shortcuts);
  if (!action || !WORKS[action](house)) return;
  event.preventDefault();
  event.stopPropagation();
}

function clicked(house: House, event: MouseEvent): void {
  const { choices, store } = house;
  if (choices.links === "off" || event.defaultPrevented || event.button !== 0 || !store.me.linked) return;
  const number = linkOf(event.composedPath());
  if (!number) return;
  event.preventDefault();
  if (choices.links === "call") void house.dial(number);
  else navigate(`/pascom/phone/${encodeURIComponent(number)}`);
}

function ringing({ engine, doors, store, names }: House): Told[] {
  const calls = engine.ringing.filter((line) => !line.door).map((line): Told => ({
    tag: `pascom-call-${line.call || line.id}`,
    kind: "call",
    title: line.name || store.nameOfNumber(line.number) || names.of(line.number) || line.number || t("unknown"),
    text: t("incoming_call"),
    icon: store.pictureOf(line.number),
    path: "",
  }));
  const door = doors.ringing;
  return door ? [...calls, { tag: `pascom-door-${door.door}`, kind: "door", title: store.nameOf(door.door), text: t("somebody_rings"), icon: "", path: "" }] : calls;
}

/** What is told of an event, by the kinds that notifications have on phones. */
function happened({ store, names }: House, event: PbxEvent): Told | null {
  if (event.kind === "call_missed" && event.user === store.me.user) {
    const { caller: number, call } = event;
    const title = event.caller_name || store.nameOfNumber(number) || names.of(number) || number || t("unknown");
    return { tag: `pascom-missed-${call}`, kind: "missed", title, text: s("missed_call"), icon: store.pictureOf(number), path: "/pascom/journal" };
  }
  if (event.kind === "door_missed") {
    const { door, ring } = event;
    return { tag: `pascom-missed-${ring}`, kind: "missed", title: store.nameOf(door), text: s("missed_at_door"), icon: "", path: `/pascom/door/${encodeURIComponent(door)}` };
  }
  if (event.kind === "voicemail_received") {
    const { door, message } = event;
    const title = door ? store.nameOf(door) : t("voicemail");
    return { tag: `pascom-message-${message}`, kind: "voicemail", title, text: s("new_message"), icon: "", path: `/pascom/voicemail${door ? `/door:${encodeURIComponent(door)}` : ""}` };
  }
  return null;
}
