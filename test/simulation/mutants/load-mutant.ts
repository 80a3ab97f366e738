// Registers a mutant before anything of the project is loaded: its files are given
// to Node with their text replaced.

import { type LoadHookSync, registerHooks } from "node:module";
import type { Edit, Mutant } from "./mutant.ts";

const root = new URL("../../../", import.meta.url).href;

/** What is loaded from here on is the mutant's. */
export function loadMutant({ name, edits }: Mutant): void {
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const own = edits.filter(({ file }) => url === `${root}${file}`);
      return own.length === 0
        ? loaded
        : { ...loaded, source: own.reduce((text, edit) => applyEdit(name, text, edit), textOf(loaded.source)) };
    },
  });
}

/** Throws unless the text is there exactly once. */
export function applyEdit(name: string, text: string, { file, find, replace }: Edit): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(`mutant "${name}": ${file} has ${parts.length - 1} times: ${find}`);
  }
  return parts.join(replace);
}

function textOf(source: ReturnType<LoadHookSync>["source"]): string {
  if (source === undefined || source === null) {
    throw new Error("Node loaded no text");
  }
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
