import { expect, test } from "vitest";
import type { Hass } from "../link";
import { phoneOf, unknown, watch, type FoundPhone } from "./found";

const SNOM = { mac_address: "00:04:13:aa:bb:cc", hostname: "snomD735-aabbcc", ip_address: "192.168.178.40" };
const YEALINK = { mac_address: "02:00:00:00:00:01", hostname: "SIP-T46S", ip_address: "192.168.178.9" };
const FRIDGE = { mac_address: "02:00:00:00:00:02", hostname: "fridge", ip_address: "192.168.178.10" };

test("a phone is known by its maker's addresses, or by the name that it has when it is new", () => {
  expect(phoneOf(SNOM)).toMatchObject({ model: "snom", maker: "Snom", address: "192.168.178.40" });
  expect(phoneOf(YEALINK)?.model).toBe("yealink");
  expect(phoneOf(FRIDGE)).toBeNull();
});

test("who has an account already is not offered one", () => {
  const found = [SNOM, YEALINK].map(phoneOf).filter((each) => each !== null);
  expect(unknown(found, [{ address: "" }]).map((each) => each.maker)).toEqual(["Yealink", "Snom"]);
  expect(unknown(found, [{ address: "192.168.178.9" }]).map((each) => each.maker)).toEqual(["Snom"]);
});

test("those who come later are told, too, and a Home Assistant that does not watch tells of none", async () => {
  const told: FoundPhone[][] = [];
  let add: (event: { add: unknown[] }) => void = () => undefined;
  const connection = { subscribeMessage: (tell: typeof add) => { add = tell; return Promise.resolve(() => undefined); } };
  await watch({ connection } as unknown as Hass, (found) => told.push(found));
  add({ add: [SNOM, FRIDGE] });
  add({ add: [YEALINK] });
  expect(told.map((each) => each.length)).toEqual([1, 2]);
  const blind = { connection: { subscribeMessage: () => Promise.reject(new Error("unknown_command")) } };
  (await watch(blind as unknown as Hass, (found) => told.push(found)))();
  expect(told).toHaveLength(2);
});
