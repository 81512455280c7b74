import { afterEach, expect, test } from "vitest";
import { byField } from "./admin/faults";
import { sentenceInWords } from "./faults";
import { refusal } from "./link";
import { speak } from "./texts";

afterEach(() => speak("en"));

test("a refusal is said in the user's language, with what stands in it", async () => {
  const error = { code: "not_found", message: "There is no user named ida.", translation_key: "pbx_no_user", translation_placeholders: { name: "ida" } };
  expect(refusal(error).message).toBe("There is no user named ida.");
  await speak("de");
  expect(refusal(error)).toEqual({ code: "not_found", message: "Es gibt keinen Benutzer namens ida.", english: "There is no user named ida." });
});

test("what Home Assistant refuses itself is said so, too", async () => {
  await speak("fr");
  expect(refusal({ code: "busy", message: "Too much", translation_key: "panel_too_much" }).message).toBe("Trop de choses sont en cours ; patientez un instant.");
});

test("what nobody has words for stays as the PBX said it", async () => {
  await speak("nl");
  expect(refusal({ code: "conflict", message: "The moon is full of cheese, said 1.", translation_key: "pbx_moon" }).message).toBe("The moon is full of cheese, said 1.");
  expect(refusal(new Error("lost")).message).toBe("lost");
});

test("a sentence without a key is known by what it says", async () => {
  await speak("de");
  expect(sentenceInWords("{a} [b] (c) is full.")).toBe("{a} [b] (c) ist voll.");
  expect(sentenceInWords("Anna is in a call.")).toBe("Anna ist im Gespräch.");
  expect(sentenceInWords("data: a file has up to 2 MB")).toBe("Eine Datei darf höchstens 2 MB groß sein.");
});

test("faults of fields stand at their fields in the user's language", async () => {
  await speak("de");
  expect(byField("extension: an extension has 1 to 15 digits; display_name: this must not be empty", ["extension", "display_name"])).toEqual({
    extension: "Eine Nebenstelle hat 1 bis 15 Ziffern.", display_name: "Das darf nicht leer sein.",
  });
  expect(byField("101 is used by Anna already.", ["extension"])).toEqual({ extension: "101 gehört schon zu Anna." });
  expect(byField("odd: why", [])).toEqual({ "": "Odd: why." });
});
