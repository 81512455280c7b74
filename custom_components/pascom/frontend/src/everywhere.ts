/** On every page of Home Assistant: what rings is shown and heard there, whether or not the panel was ever opened. */

import type { Hass } from "./data/link";

type Page = HTMLElement & { hass?: Hass };

/** Home Assistant logs in and fetches its own things first; nobody waits for this. */
const LATER = 1000;

async function start(): Promise<void> {
  const hass = document.querySelector<Page>("home-assistant")?.hass;
  if (!hass?.connection) {
    setTimeout(() => void start(), LATER);
    return;
  }
  const [{ houseOf }, { overlayOf }] = await Promise.all([import("./data/house"), import("./components/overlay")]);
  overlayOf(await houseOf(hass));
}

setTimeout(() => void start(), LATER);
