// What a bundle is made of, by its source map.

import { decode } from "@jridgewell/sourcemap-codec";

export interface SourceBytes {
  /** A package, or a folder of ours. */
  readonly source: string;
  readonly bytes: number;
}

/** Largest first. What belongs to no source is esbuild's own. */
export function bytesBySource(
  bundle: string,
  { sources, mappings }: { readonly sources: readonly string[]; readonly mappings: string },
): readonly SourceBytes[] {
  const bytes = new Map<string, number>();
  const lines = decode(mappings);
  for (const [index, line] of bundle.split("\n").entries()) {
    const segments = lines[index] ?? [];
    for (const [at, [column, source]] of segments.entries()) {
      const end = segments[at + 1]?.[0] ?? line.length;
      const name = nameOf(source === undefined ? "" : (sources[source] ?? ""));
      bytes.set(name, (bytes.get(name) ?? 0) + end - column);
    }
  }
  return [...bytes].map(([source, count]) => ({ source, bytes: count })).sort((a, b) => b.bytes - a.bytes);
}

function nameOf(path: string): string {
  const [, packageName] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  const [, folder] = /((?:shared|functions)\/[^/]+)\/?/.exec(path) ?? [];
  return packageName ?? folder ?? "esbuild";
}
