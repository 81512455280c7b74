/** A call in words. */

import type { House } from "../data/house";
import type { Line } from "../data/engine/engine";
import { t as ct } from "../data/call-texts";
import { CAUSES } from "../data/engine/phases";
import { length } from "../data/format";
import { t, type Key } from "../data/texts";
import type { Party } from "../data/wire";

/** Who is in the call besides me. */
export function partiesOf(house: House, line: Line): Party[] {
  const parties = house.store.call(line.call)?.parties ?? [];
  return parties.filter((party) => party.state !== "ringing" && party.user !== house.store.me.user);
}

export function lineName(house: House, line: Line): string {
  if (line.phase === "talking" && partiesOf(house, line).length > 1) return t("conference");
  return line.name || house.store.nameOfNumber(line.number) || line.number || t("unknown");
}

export function lineState(house: House, line: Line): string {
  if (line.phase === "ended") return ended(house, line);
  if (line.leg && line.phase !== "ringing" && (line.path === "lost" || line.path === "failed")) return t("reconnecting");
  if (line.phase === "talking") {
    const time = length((Date.now() - (line.answered ?? Date.now())) / 1000);
    return line.held ? `${t("on_hold")} · ${time}` : time;
  }
  return t(`phase_${line.phase}`);
}

export function qualityText(line: Line): string {
  return line.quality ? t(`quality_${line.quality}`) : "";
}

function ended(house: House, line: Line): string {
  if (line.problem) return line.problem;
  if (line.broken) return ct("broken");
  if (line.elsewhere && line.answered !== null) return ct("moved");
  if (line.elsewhere) return line.by && line.by !== house.store.me.user ? t("answered_by", { by: house.store.nameOf(line.by) }) : t("answered_elsewhere");
  if (line.answered !== null) return t("cause_ended");
  const key: Key | undefined = CAUSES[line.cause as keyof typeof CAUSES];
  return key ? t(key) : line.reason || t("cause_ended");
}
