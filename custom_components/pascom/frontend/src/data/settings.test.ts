import { expect, test } from "vitest";
import { HiddenNotices, type Ringing } from "./hidden";
import { actionOf, DEFAULT_SHORTCUTS, nameOf, verdict, type Stroke } from "./shortcuts";
import { numberOf } from "./tel";
import { square } from "./picture";

const stroke = (key: string, code = key, held: Partial<Stroke> = {}): Stroke => ({ key, code, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...held });

test.each<[Stroke, string]>([
  [stroke("F8"), "F8"],
  [stroke("Shift", "ShiftLeft", { shiftKey: true }), ""],
  [stroke("ш", "KeyI", { altKey: true }), "Alt+I"],
  [stroke(" ", "Space", { ctrlKey: true, shiftKey: true }), "Control+Shift+Space"],
  [stroke("!", "Digit1", { altKey: true, shiftKey: true }), "Alt+Shift+1"],
])("a stroke %o is called %s", (pressed, name) => {
  expect(nameOf(pressed)).toBe(name);
});

test.each<[string, string]>([
  ["F4", ""], ["Alt+Shift+K", ""], ["Control+Shift+M", ""], ["Control+M", ""],
  ["F5", "reserved"], ["Control+W", "reserved"], ["Control+Shift+T", "reserved"], ["Meta+R", "reserved"], ["Control+1", "reserved"], ["Alt+Tab", "reserved"],
  ["A", "plain"], ["Shift+A", "plain"], ["Control+Alt+E", "plain"], ["F9", "taken"], ["F8", ""],
])("%s as what answers is %s", (name, judged) => {
  expect(verdict(name, "answer", DEFAULT_SHORTCUTS)).toBe(judged);
});

test("a stroke means what was chosen for it", () => {
  expect(actionOf(stroke("F9"), DEFAULT_SHORTCUTS)).toBe("mute");
  expect(actionOf(stroke("F9", "F9", { shiftKey: true }), DEFAULT_SHORTCUTS)).toBeUndefined();
  expect(actionOf(stroke("Alt", "AltLeft", { altKey: true }), { ...DEFAULT_SHORTCUTS, mute: "" })).toBeUndefined();
});

test.each([
  ["tel:+49-89-123456", "+4989123456"], ["TEL:(089) 12 34/56", "089123456"], ["tel:7042;phone-context=+1-914-555", "+19145557042"],
  ["tel:%2B49%2089%201", "+49891"], ["web+tel:101", "101"], ["tel:*78%23", "*78#"], ["tel:%E0%A4%A", ""], ["tel:", ""], ["tel:call-me", ""], ["mailto:x@y", ""], ["javascript:1", ""],
])("the link %s leads to %s", (link, number) => {
  expect(numberOf(link)).toBe(number);
});

test("what rings is shown while nobody looks, once, and until it rings no more", () => {
  const world = { hidden: true, wanted: true, shown: [] as string[] };
  const notices = new HiddenNotices({
    hidden: () => world.hidden,
    show: ({ tag }) => {
      world.shown.push(tag);
      return () => void (world.shown = world.shown.filter((each) => each !== tag));
    },
  }, () => world.wanted);
  const call: Ringing = { tag: "call", title: "Anna", text: "", icon: "" };
  const door: Ringing = { tag: "door", title: "Front door", text: "", icon: "" };
  notices.look([call]);
  notices.look([call, door]);
  expect(world.shown).toEqual(["call", "door"]);
  notices.look([door]);
  expect(world.shown).toEqual(["door"]);
  world.hidden = false;
  notices.look([door]);
  expect(world.shown).toEqual([]);
  world.hidden = true;
  world.wanted = false;
  notices.look([door]);
  expect(world.shown).toEqual([]);
});

test.each<[[number, number], number, [number, number], { x: number; y: number; side: number }]>([
  [[400, 300], 1, [0, 0], { x: 50, y: 0, side: 300 }],
  [[400, 300], 1, [-1, 0], { x: 0, y: 0, side: 300 }],
  [[300, 400], 2, [1, 1], { x: 150, y: 250, side: 150 }],
  [[300, 400], 0.2, [0, 0], { x: 0, y: 50, side: 300 }],
])("of a picture of %o, %d times as large and moved by %o, this square is taken", (size, zoom, moved, wanted) => {
  expect(square(size, zoom, moved)).toEqual(wanted);
});
