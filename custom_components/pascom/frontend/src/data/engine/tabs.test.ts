import { expect, test } from "vitest";
import { Tabs, type Channel, type Voice } from "./tabs";

function two(): { clock: { at: number }; first: Tabs; second: Tabs; voices: { a: Voice; b: Voice } } {
  const voices = { a: { allowed: true, seen: 1 }, b: { allowed: true, seen: 2 } };
  const clock = { at: 0 };
  const channels: Channel[] = [];
  const channel = (): Channel => {
    const made: Channel = {
      onmessage: null,
      postMessage: (data) => channels.filter((each) => each !== made).forEach((each) => each.onmessage?.({ data } as MessageEvent)),
    };
    channels.push(made);
    return made;
  };
  const tab = (name: "a" | "b"): Tabs => new Tabs(name, channel(), () => clock.at, () => voices[name]);
  return { clock, voices, first: tab("a"), second: tab("b") };
}

test("a tab hears that another one talks, once, and that it does no more", () => {
  const { first, second } = two();
  const taken: (readonly string[])[] = [];
  second.onTaken = (calls) => taken.push(calls);
  first.talks(true, ["c1"]);
  first.talks(true, ["c1"]);
  first.repeat();
  expect([second.talking, first.talking]).toEqual([true, false]);
  expect(taken).toEqual([["c1"]]);
  first.talks(false);
  expect(second.talking).toBe(false);
});

test("a tab that was closed in a call is forgotten", () => {
  const { clock, first, second } = two();
  first.talks(true);
  clock.at = 20_000;
  expect(second.talking).toBe(false);
});

test("one tab rings for all: where sound is allowed, and the one that was seen last", () => {
  const { first, second, voices } = two();
  expect([first.ringing, second.ringing]).toEqual([true, false]);
  voices.a = { allowed: true, seen: 3 };
  first.repeat();
  expect([first.ringing, second.ringing]).toEqual([false, true]);
  voices.a = { allowed: false, seen: 3 };
  first.repeat();
  expect([first.ringing, second.ringing]).toEqual([true, false]);
});

test("a tab that closes leaves the ringing to another one at once", () => {
  const { first, second } = two();
  let told = 0;
  first.onChange = () => (told += 1);
  second.close();
  expect([first.ringing, told]).toEqual([false, 1]);
});

test("tabs that were in front at the same time do not both ring", () => {
  const { first, second, voices } = two();
  voices.a = voices.b;
  first.repeat();
  expect([first.ringing, second.ringing].filter((each) => each)).toHaveLength(1);
});
