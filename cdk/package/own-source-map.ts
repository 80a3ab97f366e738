import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** The source map of a bundle without what is from packages, which is most of it and leads to files that nobody here wrote. */
export function ownSourceMap(json: string): string {
  const map: SourceMap = JSON.parse(json);
  const own = new Map(
    map.sources.filter((source) => !source.includes("node_modules/")).map((source, index) => [source, index]),
  );
  const keep = (segment: SourceMapSegment): SourceMapSegment => {
    const [column, source, line, sourceColumn] = segment;
    const index = source === undefined ? undefined : own.get(map.sources[source] ?? "");
    return index === undefined || line === undefined || sourceColumn === undefined
      ? [column]
      : [column, index, line, sourceColumn];
  };
  const lines = decode(map.mappings).map((segments) =>
    // Of neighbours that lead nowhere the first says it for all.
    segments.map(keep).filter((segment, index, kept) => segment.length > 1 || kept[index - 1]?.length !== 1),
  );
  return JSON.stringify({ ...map, sources: [...own.keys()], names: [], mappings: encode(lines) });
}

/** The source map of a compiled file, which tells the line of each line: a stack needs no more, and it takes a fifth. */
export function mapByLines(json: string): string {
  const map: SourceMap = JSON.parse(json);
  // Segments of a line are in the order of their columns; one that begins later says nothing of what is before it.
  const lines = decode(map.mappings).map(([first]) => {
    const [, source, line, sourceColumn] = first ?? [0];
    return source === undefined || line === undefined || sourceColumn === undefined
      ? []
      : [[0, source, line, sourceColumn] satisfies SourceMapSegment];
  });
  return JSON.stringify({ ...map, mappings: encode(lines) });
}
