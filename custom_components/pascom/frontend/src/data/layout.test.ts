import { expect, test } from "vitest";
import { Layout } from "./layout";

test("rows lie below each other, and those in sight are found", () => {
  const layout = new Layout(5, (index) => (index % 2 ? 60 : 100));
  expect(layout.height).toBe(420);
  expect([0, 1, 2, 5].map((index) => layout.top(index))).toEqual([0, 100, 160, 420]);
  expect([-5, 0, 99, 100, 159, 160, 9999].map((height) => layout.at(height))).toEqual([0, 0, 0, 1, 1, 2, 4]);
  expect(layout.between(100, 160)).toEqual([1, 3]);
  expect(layout.between(-500, 9999)).toEqual([0, 5]);
});

test("nothing has no rows", () => {
  const layout = new Layout(0, () => 60);
  expect([layout.height, layout.at(10), ...layout.between(0, 500)]).toEqual([0, 0, 0, 0]);
});

test("fifty thousand rows are laid out and looked up in a few milliseconds", () => {
  const since = performance.now();
  const layout = new Layout(50_000, (index) => (index % 20 ? 64 : 100));
  for (let top = 0; top < layout.height; top += 1000) layout.between(top, top + 900);
  expect(performance.now() - since).toBeLessThan(5_000); // 10 on an idle machine
});
