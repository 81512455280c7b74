/** A dashboard that builds itself, as Home Assistant knows it: small, on every page. */

import type { Home } from "../cards/places";
import { names } from "../cards/names";
import type { StrategyConfig } from "./dashboard";

export const STRATEGY = "pascom";

export class PascomStrategy extends HTMLElement {
  /** What it is built anew for when it changes. */
  static readonly registryDependencies = ["entities", "devices", "areas", "floors"];

  static async generate(config: StrategyConfig, home: Home): Promise<object> {
    const { built } = await import("./dashboard");
    return built(config, home);
  }

  static async getConfigElement(): Promise<HTMLElement> {
    await import("./editor");
    return document.createElement("pascom-dashboard-editor");
  }

  static getCreateSuggestions(): { title: string; icon: string } {
    return { title: names.t("dashboard_title"), icon: "mdi:phone-in-talk" };
  }
}
