import { expect, test } from "vitest";
import { AppMicrophone, type External } from "./app";
import { Troubled } from "./sound";

function bench(given: Partial<External> = {}) {
  const said: object[] = [];
  const external: External = {
    config: { webrtc: { hasCameraMicrophoneStream: true } },
    sendMessage: <T>(message: object) => {
      said.push(message);
      return Promise.resolve({ session_id: "s1" } as T);
    },
    fireMessage: (message) => void said.push(message),
    ...given,
  };
  const page = new EventTarget();
  return { said, page, app: new AppMicrophone(() => external, (door) => Promise.resolve(door === "front" ? "camera.front" : ""), page) };
}

test("the app talks to the door's camera until it is told to stop", async () => {
  const { app, said } = bench();
  expect(app.there).toBe(true);
  const stop = await app.start("front", () => undefined);
  stop();
  expect(said).toEqual([
    { type: "webrtc/stream/start", payload: { stream_type: "microphone", entity_id: "camera.front" } },
    { type: "webrtc/stream/stop", payload: { session_id: "s1" } },
  ]);
});

test("the app says when its microphone has stopped", async () => {
  const { app, page } = bench();
  let stopped = 0;
  await app.start("front", () => (stopped += 1));
  page.dispatchEvent(Object.assign(new Event("webrtc-stream-stopped"), { detail: { session_id: "another" } }));
  expect(stopped).toBe(0);
  page.dispatchEvent(Object.assign(new Event("webrtc-stream-stopped"), { detail: { session_id: "s1" } }));
  expect(stopped).toBe(1);
});

test.each([
  ["a door without a camera", bench(), "back"],
  ["an app that refuses", bench({ sendMessage: () => Promise.reject(new Error("microphone_denied")) }), "front"],
])("%s is trouble with the app", async (_name, { app }, door) => {
  await expect(app.start(door, () => undefined)).rejects.toEqual(new Troubled("app"));
});

test("a browser is no app", () => {
  expect(new AppMicrophone(() => undefined, () => Promise.resolve(""), new EventTarget()).there).toBe(false);
});
