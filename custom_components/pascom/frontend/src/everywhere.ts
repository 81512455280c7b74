/** On every page of Home Assistant: what rings is shown and heard there, and dashboards have our cards. */

import { entriesOf, type Home } from "./cards/places";
import { register } from "./cards/register";

type Page = HTMLElement & { hass?: Home };

/** Home Assistant logs in and fetches its own things first; nobody waits for this. */
const LATER = 1000;

async function start(): Promise<void> {
  const hass = document.querySelector<Page>("home-assistant")?.hass;
  if (!hass?.connection) {
    setTimeout(() => void start(), LATER);
    return;
  }
  const [{ houseOf }, { overlayOf }] = await Promise.all([import("./data/house"), import("./components/overlay")]);
  overlayOf(await houseOf(hass, entriesOf(hass)));
}

register();
setTimeout(() => void start(), LATER);
