/** What Home Assistant knows as a card: small, on every page.  The card itself is fetched when one is shown. */

import { cardType, checked, type CardConfig, type CardKind } from "./config";
import type { Home } from "./places";
import { stub } from "./suggestions";

/** The card itself, as the shell knows it. */
export interface Body extends HTMLElement {
  home: Home;
  config: CardConfig;
  preview: boolean;
}

interface Shape {
  load: () => Promise<unknown>;
  /** In rows of 50 pixels, for dashboards that are stacks of cards. */
  size: number;
  grid: { columns: number; rows: number | "auto"; min_columns: number; min_rows: number };
}

const SHAPES: Record<CardKind, Shape> = {
  door: { load: () => import("./door-card"), size: 7, grid: { columns: 12, rows: "auto", min_columns: 6, min_rows: 3 } },
  call: { load: () => import("./call-card"), size: 4, grid: { columns: 12, rows: "auto", min_columns: 4, min_rows: 2 } },
  room: { load: () => import("./room-card"), size: 4, grid: { columns: 12, rows: "auto", min_columns: 6, min_rows: 2 } },
};
/** What of `hass` a card looks at; all else changes many times a minute and is nothing to it. */
const WATCHED = ["connection", "language", "locale", "themes", "entities", "devices", "panels", "user"] as const;

/** The element of this kind, to be defined once. */
export function shell(kind: CardKind): CustomElementConstructor {
  const { load, size, grid } = SHAPES[kind];
  return class extends HTMLElement {
    private body: Body | null = null;
    private config: CardConfig | null = null;
    private home: Home | null = null;
    private isPreview = false;

    static async getConfigElement(): Promise<HTMLElement> {
      await import("./editors");
      return document.createElement(`${cardType(kind)}-editor`);
    }

    static getStubConfig(home: Home, free: string[] = [], all: string[] = []): object {
      return stub(kind, home, [...free, ...all]);
    }

    setConfig(config: unknown): void {
      this.config = checked(config);
      if (this.body) this.body.config = this.config;
      else void this.fill();
    }

    set hass(home: Home) {
      const before = this.home;
      this.home = home;
      if (this.body === null) void this.fill();
      else if (before === null || WATCHED.some((part) => before[part] !== home[part])) this.body.home = home;
    }

    get preview(): boolean {
      return this.isPreview;
    }

    /** In the card picker, in the editor's dialog, and while the dashboard is edited. */
    set preview(preview: boolean) {
      this.isPreview = preview;
      if (this.body) this.body.preview = preview;
    }

    getCardSize(): number {
      return size;
    }

    getGridOptions(): object {
      return grid;
    }

    connectedCallback(): void {
      Object.assign(this.style, { display: "block", height: "100%" });
    }

    private async fill(): Promise<void> {
      if (this.config === null || this.home === null) return;
      await load();
      if (this.body) return;
      this.body = document.createElement(`${cardType(kind)}-body`) as Body;
      Object.assign(this.body, { home: this.home, config: this.config, preview: this.isPreview });
      this.append(this.body);
    }
  };
}
