import { expect, test } from "vitest";
import type { DoorEvent } from "../wire";
import { Doors, type Gone } from "./door";
import { Troubled } from "./sound";
import { FakePbx, FakePeer, FakeTrack, Refused, settled } from "./testing/fakes";

const RANG: DoorEvent = { kind: "door_rang", door: "front", ring: "r1", button: "Anna", rings: ["anna"] };

function bench() {
  const pbx = new FakePbx();
  const peers: FakePeer[] = [];
  const gone: Gone[] = [];
  const given = { pbx, peers, gone, rings: false, here: true, denied: false, app: false, appStopped: 0, stopApp: () => undefined as void, track: new FakeTrack() };
  const doors = new Doors({
    ask: pbx.ask,
    makePeer: () => {
      const peer = new FakePeer();
      peers.push(peer);
      return Promise.resolve(peer);
    },
    microphone: {
      open: () => (given.denied ? Promise.reject(new Troubled("denied")) : Promise.resolve(given.track as unknown as MediaStreamTrack)),
    },
    app: {
      get there() {
        return given.app;
      },
      start: (_door, stopped) => {
        given.stopApp = stopped;
        return Promise.resolve(() => (given.appStopped += 1));
      },
    },
    speaks: () => !given.app,
    me: () => "anna",
    gone: (each) => gone.push(each),
    ring: (rings) => (given.rings = rings),
    rings: () => given.here,
    now: () => 1000,
  });
  return Object.assign(given, { doors });
}

test("a ring shows the door at once, and nothing is sent before one talks", async () => {
  const given = bench();
  given.doors.happened(RANG);
  expect(given.rings).toBe(true);
  await settled();
  expect(given.pbx.commands()).toEqual(["door/rights", "door/watch"]);
  expect(given.peers[0]?.sent).toEqual([]);
  await given.doors.talk("front");
  expect(given.peers[0]?.sent).toEqual([given.track]);
  expect(given.rings).toBe(false);
  given.doors.happened({ ...RANG, kind: "door_answered", by: "anna" });
  expect(given.doors.talking?.door).toBe("front");
  expect(given.gone).toEqual([]);
});

test("who presses talk before the picture is there talks as soon as it is", async () => {
  const given = bench();
  given.doors.happened(RANG);
  await given.doors.talk("front");
  expect(given.pbx.commands()).toEqual(["door/rights", "door/watch"]);
  expect(given.peers[0]?.sent).toEqual([given.track]);
  expect(given.doors.talking?.door).toBe("front");
});

test("answered by somebody else it vanishes, saying by whom", async () => {
  const given = bench();
  given.doors.happened(RANG);
  await settled();
  given.doors.happened({ ...RANG, kind: "door_answered", by: "ben" });
  expect(given.gone).toEqual([{ door: "front", how: "answered", by: "ben" }]);
  expect(given.doors.ringing).toBeUndefined();
  expect(given.peers[0]?.closed).toBe(true);
});

test("a door that rings for others does not take the screen", () => {
  const given = bench();
  given.doors.happened({ ...RANG, rings: ["ben"] });
  expect(given.doors.ringing).toBeUndefined();
  expect(given.rings).toBe(false);
});

test("a page that does not ring neither sounds nor looks by itself", async () => {
  const given = bench();
  given.here = false;
  given.doors.happened(RANG);
  await settled();
  expect(given.rings).toBe(false);
  expect(given.pbx.commands()).toEqual([]);
  expect(given.doors.ringing?.door).toBe("front");
});

test("without a microphone one goes on looking and hears why", async () => {
  const given = bench();
  given.denied = true;
  given.doors.happened(RANG);
  await settled();
  await given.doors.talk("front");
  expect(given.doors.line("front")).toMatchObject({ view: "watching", trouble: "denied", ring: "r1" });
});

test("a microphone that is unplugged at a door is replaced, and without another one looks on and is told", async () => {
  const given = bench();
  await given.doors.talk("front");
  given.track.onended?.();
  await settled();
  expect(given.peers[0]?.sent).toEqual([given.track, given.track]);
  expect(given.doors.line("front")?.view).toBe("talking");
  given.denied = true;
  given.track.onended?.();
  await settled();
  expect(given.doors.line("front")).toMatchObject({ view: "watching", trouble: "denied" });
});

test("where the page has no microphone the app's own talks, until either ends it", async () => {
  const given = bench();
  given.app = true;
  await given.doors.talk("front");
  expect(given.doors.line("front")).toMatchObject({ view: "talking", app: true });
  expect(given.peers[0]?.sent).toEqual([]);
  given.stopApp();
  expect(given.doors.line("front")).toMatchObject({ view: "watching", trouble: "app" });
  await given.doors.talk("front");
  await given.doors.end("front");
  expect(given.appStopped).toBe(1);
});

test("a refused opening is said in the PBX's words", async () => {
  const given = bench();
  given.pbx.says["door/open"] = new Refused("forbidden", "You may not open this door.");
  await given.doors.open("front");
  expect(given.doors.line("front")).toMatchObject({ opening: false, problem: "You may not open this door." });
});

test("hanging up ends the door's call, looking away does not", async () => {
  const given = bench();
  await given.doors.watch("front");
  given.doors.leave("front");
  expect(given.pbx.commands()).not.toContain("door/end");
  await given.doors.talk("front");
  await given.doors.end("front");
  expect(given.pbx.commands()).toContain("door/end");
  expect(given.track.stopped).toBe(true);
});

test("a session that the PBX ends is closed, with its sentence", async () => {
  const given = bench();
  await given.doors.watch("front");
  const session = String(given.pbx.asked.at(-1)?.[1].session);
  given.doors.happened({ kind: "session_ended", session, code: "unavailable", message: "The station is away." });
  expect(given.doors.line("front")).toMatchObject({ view: "closed", problem: "The station is away." });
});
