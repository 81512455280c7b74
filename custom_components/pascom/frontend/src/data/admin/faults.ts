/** What the PBX has against a record, at the field it means. */

import { sentenceInWords } from "../faults";

const PATH = /^([a-z_]+)(?:\[\d+\])?(?:\.[a-z_[\]\d]+)?: (.+)$/s;

/** `extension: an extension has …; roles: …` by field; under "" what belongs to none of `fields`. */
export function byField(message: string, fields: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of message.split(/; (?=[a-z_]+(?:\[\d+\])?(?:\.[a-z_[\]\d]+)?: )/)) {
    const [, path = "", fault = ""] = PATH.exec(part) ?? [];
    // The PBX has what a picture is made of under `video`, and calls its addresses `url` there.
    const inside = part.startsWith("video.") ? (part.split(/[.:]/)[1] ?? "") : "";
    const field = inside === "url" ? "video_url" : inside || path;
    if (field && fields.includes(field)) found[field] = told(part, fault);
    else found[""] = [found[""], told(part, part)].filter(Boolean).join(" ");
  }
  const taken = /^(\S+) is used by .+ already/.exec(message);
  if (taken && fields.includes("extension")) return { extension: told(message, message) };
  return found;
}

/** In the user's language, where there are words for the whole of it or for what is said of the field. */
function told(part: string, fault: string): string {
  for (const known of [part, fault]) {
    const text = sentenceInWords(known);
    if (text !== known) return text;
  }
  return sentence(fault);
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
