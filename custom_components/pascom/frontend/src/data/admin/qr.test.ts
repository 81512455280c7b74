import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { qr, qrPath } from "./qr";

function print(text: string): string {
  return qr(text).map((row) => row.map((dark) => (dark ? "#" : ".")).join("")).join("\n");
}

// As another encoder draws them, and a scanner reads them.
test.each([
  ["HELLO world", 21, "f7210ad07bfad4cf"],
  ["https://192.168.178.20:5443/provision/Q1w2E3r4T5z6U7i8O9p0Aa_-BbCcDdEe/snom.xml", 37, "eff8b27cf6d5c0f6"],
  ["x".repeat(150), 49, "bbe6b068fd583d23"],
  ["y".repeat(213), 57, "846a7d6bcfd964a4"],
])("%s is drawn as scanners read it", (text, size, digest) => {
  expect(qr(text)).toHaveLength(size);
  expect(createHash("sha256").update(print(text)).digest("hex").slice(0, 16)).toBe(digest);
});

test("more than fits is refused", () => {
  expect(() => qr("z".repeat(214))).toThrow(RangeError);
});

test("dark modules become one path", () => {
  expect(qrPath([[true, false], [false, true]])).toBe("M0 0h1v1h-1zM1 1h1v1h-1z");
});
