// Import graph
//
// Which file imports which, types included, as the sources say it. Of a circle it names
// the members; a folder imports another when one of its files does.

import { dirname, join, normalize } from "node:path";

export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** By path from the root. `sources` are the texts of TypeScript files, as the formatter leaves them. */
export function importGraph(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map([...sources].map(([path, text]) => [path, new Set(importsOf(path, text))]));
}

function importsOf(path: string, text: string): readonly string[] {
  const specifiers = text.matchAll(/\b(?:from |import |import\()"(\.{1,2}\/[^"]+)"/g);
  return [...specifiers].map(([, specifier = ""]) => normalize(join(dirname(path), specifier)));
}

export function folderGraph(files: ImportGraph): ImportGraph {
  const folders = new Map<string, Set<string>>();
  for (const [path, imported] of files) {
    const folder = dirname(path);
    const others = [...imported].map(dirname).filter((other) => other !== folder);
    folders.set(folder, new Set([...(folders.get(folder) ?? []), ...others]));
  }
  return folders;
}

/** The sets of nodes of which each reaches every other, sorted. */
export function circles(graph: ImportGraph): readonly (readonly string[])[] {
  const reached = new Map([...graph.keys()].map((node) => [node, reachedFrom(graph, node)]));
  const inCircles = [...graph.keys()].filter((node) => reached.get(node)?.has(node)).toSorted();
  const membersOf = (node: string) =>
    inCircles.filter((other) => reached.get(node)?.has(other) && reached.get(other)?.has(node));
  return inCircles.map(membersOf).filter(([first], index) => first === inCircles[index]);
}

function reachedFrom(graph: ImportGraph, node: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [...(graph.get(node) ?? [])];
  for (let current = next.pop(); current !== undefined; current = next.pop()) {
    if (!reached.has(current)) {
      reached.add(current);
      next.push(...(graph.get(current) ?? []));
    }
  }
  return reached;
}
