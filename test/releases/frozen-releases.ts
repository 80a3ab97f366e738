import { readdirSync } from "node:fs";

/** Its side of what releases meet each other by, as this code's own types have it. */
export type Release = typeof import("./surface.ts");

export interface FrozenRelease {
  readonly version: string;
  readonly load: () => Promise<Release>;
}

const frozen = new URL("frozen/", import.meta.url);

/** Every release that was made. */
export const FROZEN_RELEASES: readonly FrozenRelease[] = readdirSync(frozen)
  .filter((file) => file.endsWith(".js"))
  .map((file) => ({
    version: file.replace(/\.js$/, ""),
    load: () => import(new URL(file, frozen).href),
  }));
