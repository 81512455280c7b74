import { expect, test } from "vitest";
import { keepAwake } from "./awake";
import { Badge } from "./badge";
import { readChoices } from "./choices";
import { HiddenNotices, type Kind, type Told } from "./hidden";
import { actionOf, DEFAULT_SHORTCUTS, nameOf, verdict, type Stroke } from "./shortcuts";
import { numberOf } from "./tel";
import { askedFor, usedOf } from "./pbxs";
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

const told = (tag: string, kind: Kind = "call"): Told => ({ tag, kind, title: tag, text: "", icon: "", path: "" });

function desk() {
  const world = { hidden: true, elsewhere: false, unwanted: "", shown: [] as string[] };
  const notices = new HiddenNotices({
    hidden: () => world.hidden,
    seenElsewhere: () => Promise.resolve(world.elsewhere),
    show: ({ tag }) => {
      world.shown.push(tag);
      return () => void (world.shown = world.shown.filter((each) => each !== tag));
    },
  }, (kind) => kind !== world.unwanted);
  return { world, notices };
}

test("what rings is shown while nobody looks, once, and until it rings no more", async () => {
  const { world, notices } = desk();
  notices.look([told("call")]);
  notices.look([told("call"), told("door", "door")]);
  await Promise.resolve();
  expect(world.shown).toEqual(["call", "door"]);
  notices.look([told("door", "door")]);
  expect(world.shown).toEqual(["door"]);
  world.hidden = false;
  notices.look();
  expect(world.shown).toEqual([]);
  world.hidden = true;
  world.unwanted = "door";
  notices.look([told("door", "door")]);
  await Promise.resolve();
  expect(world.shown).toEqual([]);
});

test("what was missed is told until somebody looks, and by no tab while another one is looked at", async () => {
  const { world, notices } = desk();
  notices.tell(told("missed", "missed"));
  notices.look([]);
  await Promise.resolve();
  expect(world.shown).toEqual(["missed"]);
  expect(notices.missed).toBe(true);
  world.hidden = false;
  notices.look();
  notices.tell(told("seen", "missed"));
  world.hidden = world.elsewhere = true;
  notices.look([told("call")]);
  await Promise.resolve();
  expect(world.shown).toEqual([]);
});

test("how much is new stands before the title, whoever writes it", () => {
  const sign = { title: "Overview", counts: [] as number[], listener: () => undefined as void };
  const badge = new Badge({
    get title() { return sign.title; },
    set title(title) { sign.title = title; },
    follow: (listener) => void (sign.listener = listener),
    symbol: (count) => void sign.counts.push(count),
  });
  badge.show(0);
  badge.show(2);
  expect(sign.title).toBe("(2) Overview");
  sign.title = "Map";
  sign.listener();
  badge.show(120);
  expect(sign.title).toBe("(99+) Map");
  badge.show(0);
  sign.listener();
  expect(sign.title).toBe("Map");
  expect(sign.counts).toEqual([2, 120, 0]);
});

test("a page that rings keeps its connection, and one that does not is let go", async () => {
  const did: string[] = [];
  let [stays, until]: [boolean, PromiseLike<void> | null] = [true, null];
  const connection = { suspend: () => void did.push("suspended"), suspendReconnectUntil: (seen: PromiseLike<void>) => void (until = seen) };
  keepAwake(connection, () => stays);
  connection.suspendReconnectUntil(new Promise<void>(() => undefined));
  connection.suspend();
  await until;
  expect(did).toEqual([]);
  stays = false;
  connection.suspendReconnectUntil(Promise.resolve().then(() => void did.push("seen")));
  await until;
  connection.suspend();
  expect(did).toEqual(["seen", "suspended"]);
});

test("what links do was a switch once, which counts no more", () => {
  const kept = { getItem: () => JSON.stringify({ links: true, rings: false }) } as unknown as Storage;
  expect(readChoices(kept)).toMatchObject({ links: "prepare", rings: false });
});

test.each<[[number, number], number, [number, number], { x: number; y: number; side: number }]>([
  [[400, 300], 1, [0, 0], { x: 50, y: 0, side: 300 }],
  [[400, 300], 1, [-1, 0], { x: 0, y: 0, side: 300 }],
  [[300, 400], 2, [1, 1], { x: 150, y: 250, side: 150 }],
  [[300, 400], 0.2, [0, 0], { x: 0, y: 50, side: 300 }],
])("of a picture of %o, %d times as large and moved by %o, this square is taken", (size, zoom, moved, wanted) => {
  expect(square(size, zoom, moved)).toEqual(wanted);
});

const PBXS = [{ entry_id: "home", name: "Home", linked: false }, { entry_id: "office", name: "Office", linked: true }, { entry_id: "barn", name: "Barn", linked: true }];

test.each([
  ["barn", "home", "barn"], ["gone", "home", "home"], ["", "", "office"], ["", "gone", "office"],
])("of several PBXs, asked for %s and with %s chosen, %s is used", (asked, chosen, used) => {
  expect(usedOf(PBXS, asked, chosen)).toBe(used);
});

test("where nobody is known the first PBX is used, and a tab keeps what its address asked for", () => {
  expect(usedOf(PBXS.slice(0, 1), "", "")).toBe("home");
  expect(usedOf([], "x", "y")).toBe("");
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage;
  expect(askedFor("", storage)).toBe("");
  expect(askedFor("?answer=c1&pbx=barn", storage)).toBe("barn");
  expect(askedFor("", storage)).toBe("barn");
});
