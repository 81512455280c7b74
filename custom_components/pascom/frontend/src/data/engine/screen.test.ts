import { expect, test } from "vitest";
import { Screen, type Lights } from "./screen";
import { settled } from "./testing/fakes";

function lights(): Lights & { held: number; woken: number } {
  const made = {
    held: 0,
    woken: 0,
    request: () => {
      made.held += 1;
      return Promise.resolve({ release: () => Promise.resolve(void (made.held -= 1)) });
    },
    wake: () => void (made.woken += 1),
  };
  return made;
}

test("the screen is woken and kept bright until nobody rings or talks", async () => {
  const given = lights();
  const screen = new Screen(given);
  screen.keep(true);
  screen.keep(true);
  await settled();
  expect([given.held, given.woken]).toEqual([1, 1]);
  screen.keep(false);
  await settled();
  expect(given.held).toBe(0);
});

test("a page that was hidden keeps it bright again once it is seen", async () => {
  const given = lights();
  const screen = new Screen(given);
  screen.keep(true);
  await settled();
  given.held = 0;
  screen.seen();
  await settled();
  expect(given.held).toBe(1);
});

test("a screen that may not be kept is left alone", async () => {
  const screen = new Screen({ request: () => Promise.reject(new Error("hidden")), wake: () => undefined });
  screen.keep(true);
  await settled();
  screen.keep(false);
});
