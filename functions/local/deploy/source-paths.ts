// Source paths
//
// A bundle's source map names the user's files relative to where the bundle was written, or would have been.
// The function runs elsewhere, so that the traces which Node maps name files that do not
// exist. Here each gets its own name back, as seen from the project.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** Replaces in a text what Node took for the paths of the sources. */
export type MapPaths = (text: string) => string;

/** `codeFolders` have the bundles, with their maps beside them. */
export function createPathMapper(codeFolders: readonly string[], projectFolder: string): MapPaths {
  const byTail = new Map<string, string>();
  for (const folder of codeFolders) {
    for (const source of mappedSources(folder)) {
      const own = ownPath(source, [folder, ...withParents(projectFolder)]);
      const shown = relative(projectFolder, own);
      byTail.set(source.replace(/^(?:\.\.\/)+/, ""), shown.startsWith("..") ? own : shown);
    }
  }
  return (text) =>
    text.replace(PATH, (found, path: string) => {
      // The longest tail that is known: that of a file in a folder goes before that of its name alone.
      const parts = path.split("/");
      for (let from = 0; from < parts.length; from += 1) {
        const own = byTail.get(parts.slice(from).join("/"));
        if (own !== undefined) {
          return own;
        }
      }
      return found;
    });
}

/** A path of a trace, or a URL of one, without its line and column. */
const PATH = /(?<![\w./-])(?:file:\/\/)?(\/[^\s():]+\.[cm]?[jt]sx?)(?=:\d)/g;

/** Absolute paths of what a bundle was made of, whose map names them from its folder or from the other one. */
export function sourcesOf(folder: string, workingFolder: string): readonly string[] {
  return mappedSources(folder).map((source) => ownPath(source, [folder, workingFolder]));
}

/** From the first of the folders in which there is such a file. */
function ownPath(source: string, folders: readonly string[]): string {
  const paths = folders.map((folder) => resolve(folder, source));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? source;
}

/** A package of a workspace is bundled from the workspace's own folder. */
function withParents(folder: string): readonly string[] {
  return dirname(folder) === folder ? [folder] : [folder, ...withParents(dirname(folder))];
}

function mappedSources(folder: string): readonly string[] {
  const maps = readdirSync(folder).filter((name) => name.endsWith(".map"));
  return maps.flatMap((name) => {
    const { sources = [] }: { readonly sources?: readonly string[] } = JSON.parse(
      readFileSync(join(folder, name), "utf8"),
    );
    return sources;
  });
}
