import { expect, test } from "vitest";
import { Tabs, type Channel } from "./tabs";

function two(): { clock: { at: number }; first: Tabs; second: Tabs } {
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
  return { clock, first: new Tabs("a", channel(), () => clock.at), second: new Tabs("b", channel(), () => clock.at) };
}

test("a tab hears that another one talks, once, and that it does no more", () => {
  const { first, second } = two();
  let taken = 0;
  second.onTaken = () => (taken += 1);
  first.talks(true);
  first.talks(true);
  first.repeat();
  expect([second.talking, first.talking, taken]).toEqual([true, false, 1]);
  first.talks(false);
  expect(second.talking).toBe(false);
});

test("a tab that was closed in a call is forgotten", () => {
  const { clock, first, second } = two();
  first.talks(true);
  clock.at = 20_000;
  expect(second.talking).toBe(false);
});
