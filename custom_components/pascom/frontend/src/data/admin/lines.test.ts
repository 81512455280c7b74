import { expect, test, vi } from "vitest";
import type { Hass } from "../link";
import { Lines, whyNot } from "./lines";

const FORM = {
  type: "form", flow_id: "f1",
  data_schema: [
    { name: "display_name" }, { name: "profile", description: { suggested_value: "fritzbox" } },
    { name: "numbers", schema: [{ name: "prefix", description: { suggested_value: "0" } }, { name: "country", description: { suggested_value: "49" } }] },
  ],
};

function lines(...answers: object[]): { lines: Lines; asked: ReturnType<typeof vi.fn> } {
  const asked = vi.fn(() => Promise.resolve(answers.shift() ?? {}));
  const connection = { sendMessagePromise: vi.fn(() => Promise.resolve({})), subscribeMessage: vi.fn() };
  return { lines: new Lines({ callApi: asked, connection, language: "en" } as unknown as Hass, "e1"), asked };
}

test("a new line begins with what Home Assistant suggests, and leaves no dialog open", async () => {
  const { lines: all, asked } = lines(FORM);
  expect(await all.read()).toEqual({ profile: "fritzbox", prefix: "0", country: "49" });
  expect(asked.mock.calls).toEqual([
    ["POST", "config/config_entries/subentries/flow", { handler: ["e1", "line"] }],
    ["DELETE", "config/config_entries/subentries/flow/f1", undefined],
  ]);
});

test("what is filled in is handed to Home Assistant's own dialog", async () => {
  const { lines: all, asked } = lines(FORM, { type: "create_entry" });
  await all.save({ display_name: "Home", profile: "fritzbox", registrar: "", username: "620", password: "x", prefix: "", country: "49" });
  expect(asked).toHaveBeenLastCalledWith("POST", "config/config_entries/subentries/flow/f1", {
    display_name: "Home", profile: "fritzbox", username: "620", password: "x", numbers: { prefix: "", country: "49" },
  });
});

test("what the PBX has against it is said, and the dialog closed", async () => {
  const { lines: all, asked } = lines(FORM, { ...FORM, errors: { base: "refused" }, description_placeholders: { error: "trunks[0].registrar: no" } });
  await expect(all.save({ display_name: "Home", profile: "generic", username: "x" })).rejects.toEqual({ code: "invalid", message: "trunks[0].registrar: no" });
  expect(asked).toHaveBeenLastCalledWith("DELETE", "config/config_entries/subentries/flow/f1", undefined);
});

test("a changed line ends its dialog as changed ones do", async () => {
  const line = { id: "s1", name: "home", title: "Home" };
  const { lines: all } = lines(FORM, { type: "abort", reason: "reconfigure_successful" }, { type: "abort", reason: "not_connected" });
  await all.save({ display_name: "Home", profile: "generic", username: "x" }, line);
  await expect(all.save({ display_name: "Home", profile: "generic", username: "x" }, line)).rejects.toMatchObject({ message: "not_connected" });
});

test.each([
  ["The registrar answered 401 Unauthorized.", "line_wrong_password"],
  ["The registrar answered 404 Not Found.", "line_unknown"],
  ["The registrar answered 503 Service Unavailable.", "line_busy"],
  ["The registrar answered 488 Not Acceptable.", "line_refused"],
  ["The host fritz.box is not known; check its name and the name server.", "line_no_name"],
  ["192.0.2.1:5060 did not answer.", "line_silent"],
  ["", ""],
] as const)("%s is said as %s", (reason, key) => {
  expect(whyNot(reason)).toBe(key);
});
