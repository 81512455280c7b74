/** What a page listens to beside its own buttons: keys, links to numbers, and whether anybody sees what rings. */

import { BROWSER_SCREEN, HiddenNotices, type Ringing } from "./hidden";
import type { House } from "./house";
import { navigate } from "./navigate";
import { actionOf, type Action } from "./shortcuts";
import { linkOf } from "./tel";
import { t } from "./texts";

export function attend(house: House): void {
  addEventListener("keydown", (event) => pressed(house, event), { capture: true });
  addEventListener("click", (event) => clicked(house, event), { capture: true });
  const notices = new HiddenNotices(BROWSER_SCREEN, () => house.choices.notifies);
  const look = (): void => notices.look(ringing(house));
  house.store.listen(look);
  for (const kind of ["visibilitychange", "focus", "blur"]) addEventListener(kind, look);
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
  // Where keys are chosen, they are that and nothing else.
  if (event.composedPath().some((each) => each instanceof HTMLElement && each.localName === "pascom-settings-shortcuts")) return;
  const action = actionOf(event, house.choices.shortcuts);
  if (!action || !WORKS[action](house)) return;
  event.preventDefault();
  event.stopPropagation();
}

function clicked(house: House, event: MouseEvent): void {
  if (!house.choices.links || event.defaultPrevented || event.button !== 0 || !house.store.me.linked) return;
  const number = linkOf(event.composedPath());
  if (!number) return;
  event.preventDefault();
  navigate(`/pascom/phone/${encodeURIComponent(number)}`);
}

function ringing({ engine, doors, store, names }: House): Ringing[] {
  const calls = engine.ringing.filter((line) => !line.door).map((line) => ({
    tag: `pascom-call-${line.call || line.id}`,
    title: line.name || store.nameOfNumber(line.number) || names.of(line.number) || line.number || t("unknown"),
    text: t("incoming_call"),
    icon: store.pictureOf(line.number),
  }));
  const door = doors.ringing;
  return door ? [...calls, { tag: `pascom-door-${door.door}`, title: store.nameOf(door.door), text: t("somebody_rings"), icon: "" }] : calls;
}
