import { expect, test } from "vitest";
import { dragged, square } from "./picture";

const WIDE = [512, 256] as [number, number];

test("a picture that is dragged stays under the finger, as far as there is more of it", () => {
  const before = square(WIDE, 1, [0, 0]);
  const moved = dragged(WIDE, 1, [0, 0], [40, 40], 256);
  const after = square(WIDE, 1, moved);
  expect(before.x - after.x).toBeCloseTo(40);
  expect(after.y).toBe(before.y);
  expect(square(WIDE, 1, dragged(WIDE, 1, moved, [900, 0], 256)).x).toBe(0);
});

test("enlarged it moves by as much as the finger does, whatever is shown of it", () => {
  const before = square(WIDE, 2, [0, 0]);
  const after = square(WIDE, 2, dragged(WIDE, 2, [0, 0], [-30, 10], 300));
  expect(after.x - before.x).toBeCloseTo((30 / 300) * 128);
  expect(before.y - after.y).toBeCloseTo((10 / 300) * 128);
});
