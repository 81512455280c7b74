import { expect, test } from "vitest";
import type { Line } from "./engine";
import type { FakePeer, Bench } from "./testing/fakes";
import { bench, Refused, settled } from "./testing/fakes";

async function talking(given: Bench): Promise<Line> {
  await given.engine.dial("102", "Ben");
  given.engine.happened({
    kind: "phone_changed", leg: "l9", state: "answered", name: "Ben", number: "102", cause: 0, reason: "", elsewhere: false,
  });
  return given.engine.lines[0] as Line;
}

/** Lets the next wait of so many seconds be over. */
async function waited(given: Bench, seconds: number): Promise<void> {
  const at = given.later.findIndex((each) => each.seconds === seconds);
  given.later.splice(at, 1)[0]?.work();
  await settled();
}

/** Looks once a second, with so much received by then. */
async function looked(given: Bench, peer: FakePeer, ...alive: number[]): Promise<void> {
  for (const received of alive) {
    given.now += 1000;
    peer.next = { ...peer.next, alive: received };
    await given.engine.measure();
  }
  await settled();
}

test("another network gets another session, and the old one is heard until it works", async () => {
  const given = bench();
  const line = await talking(given);
  const [first] = given.peers as [FakePeer];
  first.onStream("old" as unknown as MediaStream);
  first.onPath("connected");
  given.engine.networkChanged();
  await settled();
  const second = given.peers[1] as FakePeer;
  second.onStream("new" as unknown as MediaStream);
  expect([given.played, first.closed]).toEqual([["old"], false]);
  second.onPath("connected");
  expect([given.played, first.closed]).toEqual([["old", "new"], true]);
  expect(given.tracks).toHaveLength(1);
  expect(line.path).toBe("connected");
});

test("a new session that the PBX refuses leaves the old one, and another is tried later", async () => {
  const given = bench();
  await talking(given);
  given.peers[0]?.onPath("connected");
  given.pbx.says["phone/connect"] = new Refused("unavailable", "away");
  given.engine.networkChanged();
  await settled();
  expect([given.peers[0]?.closed, given.peers[1]?.closed]).toEqual([false, true]);
  given.pbx.says["phone/connect"] = { answer: "pbx" };
  await waited(given, 3);
  expect(given.peers).toHaveLength(3);
});

test("where nothing comes any more another session is tried before ICE notices, again and again, each with more time", async () => {
  const given = bench();
  const line = await talking(given);
  const [first] = given.peers as [FakePeer];
  first.onPath("connected");
  await looked(given, first, 50, 100, 100, 100, 100);
  expect([line.path, given.peers.length]).toEqual(["connected", 1]);
  await looked(given, first, 100);
  expect([line.path, given.peers.length]).toEqual(["lost", 2]);
  expect(first.closed).toBe(false);
  await waited(given, 3);
  await waited(given, 4);
  expect(given.peers.map(({ closed }) => closed)).toEqual([false, true, true, false]);
  given.peers[3]?.onPath("connected");
  expect([line.path, first.closed]).toEqual(["connected", true]);
  await waited(given, 6);
  expect(given.peers).toHaveLength(4);
});

test("a path that is heard again was not lost", async () => {
  const given = bench();
  const line = await talking(given);
  const [first] = given.peers as [FakePeer];
  first.onPath("connected");
  await looked(given, first, 50, 50, 50, 50, 50, 50);
  expect(line.path).toBe("lost");
  await looked(given, first, 60);
  expect(line.path).toBe("connected");
  given.now += 60_000;
  await waited(given, 3);
  expect(line.phase).toBe("talking");
});

test("a call without a way for long is given up, in words, and one press calls again", async () => {
  const given = bench();
  const line = await talking(given);
  given.peers[0]?.onPath("connected");
  given.peers[0]?.onPath("failed");
  await settled();
  given.now += 39_000;
  await waited(given, 3);
  expect(line.phase).toBe("talking");
  given.now += 2_000;
  await waited(given, 4);
  expect(line).toMatchObject({ phase: "ended", broken: true });
  expect(given.pbx.commands()).toContain("phone/hang_up");
  expect(given.peers.every(({ closed }) => closed)).toBe(true);
});

test("who is told of the calls again looks for a way at once", async () => {
  const given = bench();
  const line = await talking(given);
  given.peers[0]?.onPath("connected");
  given.peers[0]?.onPath("failed");
  await settled();
  line.path = "lost";
  given.engine.legs([{ leg: "l9", call: "c9", state: "answered" }]);
  await settled();
  expect(given.peers).toHaveLength(3);
  expect(given.engine.lines).toHaveLength(1);
});

test("a call that the PBX lost says so, stays to be read, and one press calls again", async () => {
  const given = bench();
  const line = await talking(given);
  given.engine.lost();
  expect(line.phase).toBe("talking");
  given.engine.legs([]);
  expect(line).toMatchObject({ phase: "ended", broken: true });
  expect(given.later.at(-1)?.seconds).toBeGreaterThan(60);
  await given.engine.again(line);
  expect(given.engine.lines).toHaveLength(1);
  expect(given.pbx.asked.at(-1)).toMatchObject(["phone/dial", { number: "102" }]);
});

test.each([
  [20, true],
  [27, true],
  [16, false],
])("a call that ends by cause %i is interrupted: %s", async (cause, broken) => {
  const given = bench();
  const line = await talking(given);
  given.engine.happened({
    kind: "phone_changed", leg: "l9", state: "ended", name: "", number: "", cause, reason: "", elsewhere: false,
  });
  expect(line.broken).toBe(broken);
});

test("an unplugged microphone is replaced, muted as it was", async () => {
  const given = bench();
  const line = await talking(given);
  given.engine.mute(line);
  given.tracks[0]?.onended?.();
  await settled();
  expect(given.unplugged).toEqual([true]);
  expect(given.peers[0]?.sent).toEqual(given.tracks);
  expect(given.tracks.map((track) => track.enabled)).toEqual([false, false]);
});

test("without another microphone one listens, and speaks again once there is one", async () => {
  const given = bench();
  const line = await talking(given);
  given.refuse("missing");
  given.tracks[0]?.onended?.();
  await settled();
  expect(line).toMatchObject({ phase: "talking", listens: true, trouble: "missing" });
  expect(given.peers[0]?.sent.at(-1)).toBeNull();
  expect(given.unplugged).toEqual([false]);
  given.refuse(null);
  await given.engine.devices();
  expect(line).toMatchObject({ listens: false, trouble: null });
  expect(given.peers[0]?.sent.at(-1)).toBe(given.tracks[1]);
});

test("another microphone that is chosen in the call is spoken into at once", async () => {
  const given = bench();
  await talking(given);
  await given.engine.devices(true);
  expect(given.tracks[0]?.stopped).toBe(true);
  expect(given.peers[0]?.sent.at(-1)).toBe(given.tracks[1]);
});

test("who has no microphone may answer and listen", async () => {
  const given = bench();
  given.refuse("denied");
  given.engine.happened({ kind: "phone_rang", leg: "l1", call: "c1", name: "Ben", number: "102", door: "", auto_answer: false });
  await settled();
  const line = given.engine.lines[0] as Line;
  await given.engine.answer(line);
  expect(line).toMatchObject({ phase: "ringing", trouble: "denied" });
  await given.engine.answer(line, true);
  expect(line).toMatchObject({ phase: "talking", listens: true, trouble: null });
});

test("the camera is shown, follows to another network, and is turned off with the call", async () => {
  const given = bench();
  const line = await talking(given);
  await given.engine.show(line);
  expect(line.camera).toBe(true);
  expect(given.pbx.asked.at(-1)).toEqual(["phone/film", { leg: "l9", shown: true }]);
  given.engine.legs([{ leg: "l9", call: "c9", state: "answered" }]);
  expect(given.pbx.commands().filter((command) => command === "phone/film")).toHaveLength(2);
  given.engine.networkChanged();
  await settled();
  expect(given.peers.map((peer) => peer.filmed)).toEqual([given.films, given.films]);
  await given.engine.hold(line, true);
  expect(given.films[0]?.enabled).toBe(false);
  given.engine.hangUp(line);
  expect(given.films[0]?.stopped).toBe(true);
});

test("a camera that is not allowed leaves the call alone and says why", async () => {
  const given = bench();
  const line = await talking(given);
  given.refuse("denied");
  await given.engine.show(line);
  expect(line).toMatchObject({ phase: "talking", camera: false, trouble: "camera_denied" });
});

test("the other end is seen while its pictures move", async () => {
  const given = bench();
  const line = await talking(given);
  const [peer] = given.peers as [FakePeer];
  peer.onPath("connected");
  peer.onStream("stream" as unknown as MediaStream);
  peer.next = { ...peer.next, pictures: 20 };
  await given.engine.measure();
  expect(line.picture).toBe("stream");
  await given.engine.measure();
  expect(line.picture).toBe("stream");
  await given.engine.measure();
  expect(line.picture).toBeNull();
});

test("while another tab talks this one does not ring, and who begins to talk is told to the others", async () => {
  const given = bench();
  given.others.talking = true;
  given.engine.happened({ kind: "phone_rang", leg: "l1", call: "c1", name: "Ben", number: "102", door: "", auto_answer: false });
  expect(given.tones).not.toContain("classic");
  await settled();
  await given.engine.answer(given.engine.lines[0] as Line);
  expect(given.others.told.at(-1)).toBe(true);
  given.engine.holdAll();
  await settled();
  expect(given.engine.lines[0]?.held).toBe(true);
});

test("while another tab rings for all of this browser this one is silent, until that one has gone", async () => {
  const given = bench();
  given.others.ringing = true;
  given.engine.happened({ kind: "phone_rang", leg: "l1", call: "c1", name: "Ben", number: "102", door: "", auto_answer: false });
  await settled();
  expect(given.tones).not.toContain("classic");
  given.others.ringing = false;
  given.engine.ringsElsewhere();
  expect(given.tones.at(-1)).toBe("classic");
});

test("a call is taken over from another window, without a ring-back tone, and that window puts nothing on hold", async () => {
  const given = bench();
  await given.engine.takeOver("c8", "102", "Ben");
  expect(given.pbx.asked.at(-1)).toMatchObject(["phone/take", { device: "tab-1", call: "c8" }]);
  expect(given.tones).not.toContain("back");
  given.engine.happened({
    kind: "phone_changed", leg: "l8", state: "answered", name: "", number: "", cause: 0, reason: "", elsewhere: false,
  });
  const line = given.engine.lines[0] as Line;
  expect(line).toMatchObject({ phase: "talking", name: "Ben", call: "c8" });
  given.engine.holdAll(["c8"]);
  await settled();
  expect(given.pbx.commands()).not.toContain("call/hold");
});
