import { beforeEach, expect, test } from "vitest";
import { answerWhenRinging, askedBy, type Answerable } from "./deep-link";

let heard: (() => void)[];
let said: string[];
let timers: (() => void)[];
let house: Answerable & { ringing: { call: string; door: string }[]; at: { ring: string; view: string } | undefined };

beforeEach(() => {
  [heard, said, timers] = [[], [], []];
  const ringing: { call: string; door: string }[] = [];
  house = {
    ringing,
    at: undefined,
    engine: { ringing, answer: (line) => said.push(`answer ${line.call}`) },
    doors: {
      line: () => house.at,
      watch: (door) => said.push(`watch ${door}`),
      talk: (door) => said.push(`talk ${door}`),
    },
    store: {
      listen: (listener) => {
        heard.push(listener);
        return () => (heard = heard.filter((each) => each !== listener));
      },
    },
  };
});

const changed = (): void => heard.forEach((listener) => listener());
const answer = (id: string, door = ""): void =>
  answerWhenRinging(house, { answer: id, door }, () => said.push("too late"), (_seconds, work) => timers.push(work));

test("an address asks for what it says, and no more", () => {
  expect(askedBy("?answer=c1")).toEqual({ answer: "c1", number: "", pbx: "" });
  expect(askedBy("?number=%2B4989123")).toEqual({ answer: "", number: "+4989123", pbx: "" });
  expect(askedBy("?answer=c1&pbx=e2").pbx).toBe("e2");
  expect(askedBy("")).toEqual({ answer: "", number: "", pbx: "" });
  expect(askedBy(`?answer=${"x".repeat(9999)}`).answer).toHaveLength(128);
});

test("a call is answered as soon as it rings here, once, and no other", () => {
  house.ringing.push({ call: "c1", door: "" });
  answer("c2");
  expect(said).toEqual([]);
  house.ringing.push({ call: "c2", door: "" });
  changed();
  changed();
  timers.forEach((work) => work());
  expect(said).toEqual(["answer c2"]);
  expect(heard).toEqual([]);
});

test("a door is talked with as soon as its picture is there", () => {
  answer("r1", "front");
  house.at = { ring: "r0", view: "watching" };
  changed();
  house.at = { ring: "r1", view: "closed" };
  changed();
  changed();
  house.at = { ring: "r1", view: "connecting" };
  changed();
  expect(said).toEqual(["watch front"]);
  house.at = { ring: "r1", view: "watching" };
  changed();
  changed();
  expect(said).toEqual(["watch front", "talk front"]);
});

test("what is over is said to be over", () => {
  answer("c3");
  timers.forEach((work) => work());
  expect(said).toEqual(["too late"]);
  house.ringing.push({ call: "c3", door: "" });
  changed();
  expect(said).toEqual(["too late"]);
});

test("a door that rings still, without a picture, says itself what is wrong", () => {
  house.at = { ring: "r1", view: "closed" };
  answer("r1", "front");
  timers.forEach((work) => work());
  expect(said).toEqual(["watch front"]);
});
