import { expect, test } from "vitest";
import type { PbxEvent, PhoneChanged, PhoneRang } from "../wire";
import type { Line } from "./engine";
import { bench, Refused, settled, type Bench } from "./testing/fakes";

const RANG: PhoneRang = { kind: "phone_rang", leg: "l1", call: "c1", name: "Ben", number: "102", door: "", auto_answer: false };

function changed(leg: string, state: string, more: Partial<PhoneChanged> = {}): PbxEvent {
  return { kind: "phone_changed", leg, state, name: "", number: "", cause: 0, reason: "", elsewhere: false, ...more };
}

async function talking(given: Bench, leg = "l1", call = "c1"): Promise<Line> {
  given.engine.happened({ ...RANG, leg, call });
  await settled();
  const line = given.engine.lines.find((each) => each.leg === leg);
  if (!line) throw new Error("it does not ring");
  await given.engine.answer(line);
  return line;
}

test("media is set up while it rings, and the microphone opens with the answer", async () => {
  const given = bench();
  given.engine.happened(RANG);
  await settled();
  expect(given.pbx.commands()).toEqual(["phone/connect"]);
  expect(given.peers[0]?.answer).toBe("pbx");
  expect(given.tracks).toHaveLength(0);
  expect(given.tones.at(-1)).toBe("classic");
  await given.engine.answer(given.engine.lines[0] as Line);
  expect(given.pbx.commands()).toEqual(["phone/connect", "phone/answer"]);
  expect(given.peers[0]?.sent).toEqual([given.tracks[0]]);
  expect(given.engine.lines[0]?.phase).toBe("talking");
  expect(given.tones.at(-1)).toBe("");
});

test("candidates wait for the answer", async () => {
  const given = bench();
  given.engine.happened(RANG);
  await Promise.resolve();
  given.peers[0]?.onCandidate({ candidate: "a", sdp_mid: "0", sdp_m_line_index: 0 });
  expect(given.pbx.commands()).not.toContain("webrtc/candidate");
  await settled();
  expect(given.pbx.commands()).toEqual(["phone/connect", "webrtc/candidate"]);
});

test("who rejects is heard, and the line goes once it was read", async () => {
  const given = bench();
  given.engine.happened(RANG);
  await settled();
  given.engine.hangUp(given.engine.lines[0] as Line);
  expect(given.pbx.commands()).toContain("phone/reject");
  expect(given.peers[0]?.closed).toBe(true);
  expect(given.engine.live).toEqual([]);
  given.later.find(({ seconds }) => seconds === 4)?.work();
  expect(given.engine.lines).toEqual([]);
});

test("a call that another device took says so, and by whom", async () => {
  const given = bench();
  given.engine.happened(RANG);
  given.engine.happened({ kind: "call_answered", call: "c1", by: "carla", number: "103", device: "103" });
  given.engine.happened(changed("l1", "ended", { cause: 26, elsewhere: true }));
  expect(given.engine.lines[0]).toMatchObject({ phase: "ended", elsewhere: true, by: "carla" });
  expect(given.tones.at(-1)).toBe("");
});

test("without a microphone it goes on ringing and says why", async () => {
  const given = bench();
  given.refuse("denied");
  given.engine.happened(RANG);
  await settled();
  await given.engine.answer(given.engine.lines[0] as Line);
  expect(given.engine.lines[0]).toMatchObject({ phase: "ringing", trouble: "denied" });
  given.refuse(null);
  await given.engine.answer(given.engine.lines[0] as Line);
  expect(given.engine.lines[0]).toMatchObject({ phase: "talking", trouble: null });
});

test("who hangs up while the answer is taken in hangs up at the PBX as well", async () => {
  const given = bench();
  given.stall();
  void given.engine.dial("102", "Ben");
  await settled();
  expect(given.engine.lines[0]).toMatchObject({ phase: "dialling", leg: "l9" });
  given.engine.hangUp(given.engine.lines[0] as Line);
  expect(given.pbx.asked.at(-1)).toEqual(["phone/hang_up", { leg: "l9" }]);
});

test("an outgoing call rings back until somebody answers", async () => {
  const given = bench();
  await given.engine.dial("102");
  expect(given.engine.lines[0]).toMatchObject({ phase: "calling", leg: "l9", call: "c9" });
  expect(given.tones.at(-1)).toBe("back");
  given.engine.happened(changed("l9", "answered", { name: "Ben", number: "102" }));
  expect(given.engine.lines[0]).toMatchObject({ phase: "talking", name: "Ben" });
  expect(given.tones.at(-1)).toBe("");
});

test("a number that is refused ends with the PBX's sentence", async () => {
  const given = bench();
  given.pbx.says["phone/dial"] = new Refused("invalid", "This is no number.");
  await given.engine.dial("?");
  expect(given.engine.lines[0]).toMatchObject({ phase: "ended", problem: "This is no number." });
  expect(given.tracks[0]?.stopped).toBe(true);
});

test("who hangs up before the PBX knows the call, hangs up once it does", async () => {
  const given = bench();
  const dialled = given.engine.dial("102");
  await Promise.resolve();
  given.engine.hangUp(given.engine.lines[0] as Line);
  await dialled;
  expect(given.engine.live).toEqual([]);
  expect(given.tracks.every((track) => track.stopped)).toBe(true);
});

test("a second call puts the first on hold, and swapping turns it round", async () => {
  const given = bench();
  const first = await talking(given);
  const second = await talking(given, "l2", "c2");
  await settled();
  expect([first.held, second.held]).toEqual([true, false]);
  expect(given.engine.current).toBe(second);
  await given.engine.hold(first, false);
  await settled();
  expect([first.held, second.held]).toEqual([false, true]);
  expect(given.engine.current).toBe(first);
  expect(given.tracks[1]?.enabled).toBe(false);
});

test("what rings while one talks knocks instead of ringing", async () => {
  const given = bench();
  await talking(given);
  given.engine.happened({ ...RANG, leg: "l2", call: "c2" });
  expect(given.tones.at(-1)).toBe("knock");
});

test("what was silenced stays silent, and the next call rings again", async () => {
  const given = bench();
  given.engine.happened(RANG);
  given.engine.silence();
  given.engine.happened({ ...RANG, leg: "l2", call: "c2" });
  expect(given.tones.at(-1)).toBe("classic");
  given.engine.silence();
  given.engine.happened(changed("l1", "ended"));
  expect(given.tones.at(-1)).toBe("");
});

test("muting closes the microphone, and hold does not open it again", async () => {
  const given = bench();
  const line = await talking(given);
  given.engine.mute(line);
  expect(given.tracks[0]?.enabled).toBe(false);
  await given.engine.hold(line, true);
  await given.engine.hold(line, false);
  expect(given.tracks[0]?.enabled).toBe(false);
  given.engine.mute(line);
  expect(given.tracks[0]?.enabled).toBe(true);
});

test.each([
  ["transfer", (given: Bench, line: Line) => given.engine.steering.transfer(line, "103"), { call: "c1", number: "103" }, "call/transfer"],
  ["connect", (given: Bench, line: Line) => given.engine.steering.connect(line, { ...line, call: "c2" }), { call: "c1", to_call: "c2" }, "call/transfer"],
  ["merge", (given: Bench, line: Line) => given.engine.steering.merge(line, { ...line, call: "c2" }), { call: "c1", other: "c2" }, "call/conference"],
] as const)("%s is asked of the PBX", async (_name, act, fields, command) => {
  const given = bench();
  const line = await talking(given);
  await act(given, line);
  expect(given.pbx.asked.at(-1)).toEqual([command, fields]);
});

test("a path that failed is replaced by a new session of the same leg", async () => {
  const given = bench();
  const line = await talking(given);
  given.peers[0]?.onPath("connected");
  given.peers[0]?.onPath("failed");
  await settled();
  expect(given.pbx.commands().filter((command) => command === "phone/connect")).toHaveLength(2);
  expect(given.peers[0]?.closed).toBe(false);
  expect(given.peers[1]?.sent).toEqual([given.tracks[0]]);
  given.peers[1]?.onPath("connected");
  expect(given.peers[0]?.closed).toBe(true);
  expect(line).toMatchObject({ phase: "talking", path: "connected" });
});

test("a path that is lost gets some seconds to come back", async () => {
  const given = bench();
  const line = await talking(given);
  given.peers[0]?.onPath("lost");
  const look = given.later.find(({ seconds }) => seconds === 3);
  given.peers[0]?.onPath("connected");
  look?.work();
  await settled();
  expect(given.peers).toHaveLength(1);
  expect(line.path).toBe("connected");
});

test("after a reload the calls that the PBX has are taken up again", async () => {
  const given = bench();
  given.engine.legs([{ leg: "l7", call: "c7", state: "answered" }]);
  await settled();
  expect(given.engine.lines[0]).toMatchObject({ leg: "l7", phase: "talking" });
  expect(given.pbx.commands()).toEqual(["phone/connect"]);
  given.engine.legs([]);
  expect(given.engine.live).toEqual([]);
});

test("a call that still rings at the other end is found again after a reload, rings back, and is answered", async () => {
  const given = bench();
  given.engine.legs([{ leg: "l7", call: "c7", state: "ringing" }]);
  await settled();
  expect(given.engine.lines[0]).toMatchObject({ leg: "l7", phase: "calling", incoming: false });
  expect(given.tones.at(-1)).toBe("back");
  given.engine.happened(changed("l7", "answered"));
  expect(given.engine.lines[0]?.phase).toBe("talking");
  expect(given.tones.at(-1)).toBe("");
});

test("keys go to the PBX and the line's quality is told in words", async () => {
  const given = bench();
  const line = await talking(given);
  given.engine.press(line, "5");
  expect(given.pbx.asked.at(-1)).toEqual(["phone/dtmf", { leg: "l1", digits: "5" }]);
  given.peers[0]?.onPath("connected");
  (given.peers[0] as { next: object }).next = { received: 80, lost: 20, jitter: 0, roundTrip: 0.02 };
  await given.engine.measure();
  expect(line.quality).toBe("poor");
});

test("a door's ring here is a bell alone: its sound comes another way", async () => {
  const given = bench();
  given.engine.happened({ ...RANG, door: "front" });
  await settled();
  expect(given.pbx.commands()).toEqual([]);
  expect(given.tones.at(-1)).toBe("door");
});

test("what answers before the call has a name is answered", async () => {
  const given = bench();
  const dialled = given.engine.dial("800");
  given.engine.happened(changed("l9", "answered"));
  given.engine.happened(changed("l7", "ended"));
  await dialled;
  expect(given.engine.lines[0]?.phase).toBe("talking");
});
