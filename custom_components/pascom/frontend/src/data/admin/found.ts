/** Phones that Home Assistant saw come into the network, by what is known of their makers' addresses and names. */

import type { Hass } from "../link";
import type { AdminDevice } from "./wire";

interface Seen {
  mac_address: string;
  hostname: string;
  ip_address: string;
}

export interface FoundPhone {
  /** As `provision/link` calls its make. */
  model: "snom" | "yealink" | "grandstream";
  maker: string;
  mac: string;
  name: string;
  address: string;
}

/** The first half of a MAC address is the maker's; names are those that phones have when they are new. */
const MAKERS = [
  { model: "snom", maker: "Snom", macs: ["00:04:13"], named: /^snom/i },
  { model: "yealink", maker: "Yealink", macs: ["00:15:65", "24:9A:D8", "44:DB:D2", "80:5E:0C", "80:5E:C0", "C4:FC:22"], named: /^(yealink|sip-[twc][ph]?\d)/i },
  { model: "grandstream", maker: "Grandstream", macs: ["00:0B:82", "C0:74:AD", "EC:74:D7"], named: /^(grandstream|gxp|gxv|grp|wp8)/i },
] as const;

export function phoneOf({ mac_address: mac, hostname, ip_address: address }: Seen): FoundPhone | null {
  const upper = mac.toUpperCase();
  const found = MAKERS.find(({ macs, named }) => macs.some((each) => upper.startsWith(each)) || named.test(hostname));
  return found ? { model: found.model, maker: found.maker, mac: upper, name: hostname, address } : null;
}

/** Without those who have an account here already, in the order of their addresses. */
export function unknown(found: readonly FoundPhone[], devices: readonly Pick<AdminDevice, "address">[]): FoundPhone[] {
  const here = new Set(devices.map((each) => each.address).filter(Boolean));
  return found.filter((each) => !here.has(each.address)).toSorted((a, b) => a.address.localeCompare(b.address, "en", { numeric: true }));
}

/** Tells of all phones seen so far, and again with each that comes; where Home Assistant does not watch the network, never. */
export async function watch(hass: Hass, tell: (found: FoundPhone[]) => void): Promise<() => void> {
  const seen = new Map<string, FoundPhone>();
  const stop = await hass.connection.subscribeMessage<{ add?: Seen[] }>(({ add = [] }) => {
    for (const phone of add.map(phoneOf)) if (phone) seen.set(phone.mac, phone);
    tell([...seen.values()]);
  }, { type: "dhcp/subscribe_discovery" }).catch(() => () => undefined);
  return () => void stop();
}
