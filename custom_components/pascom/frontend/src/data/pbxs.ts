/** Of several PBXs a page uses one: which, and how another is chosen. */

import type { Choices } from "./choices";
import type { Connection } from "./link";

export interface Pbx {
  entry_id: string;
  name: string;
  /** Whether it knows the user of this page. */
  linked: boolean;
}

/** All of them; a Home Assistant that cannot say so has one. */
export async function pbxsOf(connection: Connection): Promise<readonly Pbx[]> {
  try {
    return (await connection.sendMessagePromise<{ pbxs: Pbx[] }>({ type: "pascom/pbxs" })).pbxs;
  } catch {
    return [];
  }
}

/** The one that a link asks for, that was chosen here, that knows the user, or the first. */
export function usedOf(pbxs: readonly Pbx[], asked: string, chosen: string): string {
  const wanted = [asked, chosen].find((each) => pbxs.some(({ entry_id }) => entry_id === each));
  return wanted ?? (pbxs.find(({ linked }) => linked) ?? pbxs[0])?.entry_id ?? "";
}

const KEY = "pascom.pbx";

/** What the address of this tab asked for last, which its further pages keep. */
export function askedFor(search: string, storage: Storage): string {
  const asked = (new URLSearchParams(search).get("pbx") ?? "").slice(0, 64);
  if (asked) storage.setItem(KEY, asked);
  return asked || (storage.getItem(KEY) ?? "");
}

/** From now on this browser uses that one. */
export function use(entry: string, choose: (changes: Partial<Choices>) => void): void {
  sessionStorage.removeItem(KEY);
  choose({ pbx: entry });
  location.reload();
}
