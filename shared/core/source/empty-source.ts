import { listNames, quoteName } from "../bounded-text.ts";
import type { OffsetSource, SourceMetadata, SourceSelection } from "./offset-source.ts";

/** Asks Kafka, where a choice has come to no range, whether the source is why. */
export async function findEmptySource(source: OffsetSource, selection: SourceSelection): Promise<string | undefined> {
  return emptySourceReason(selection, await source.describe(selection));
}

/** Why there is nothing to read, where there is nothing: a source that selects no partition looks like one at rest. */
export function emptySourceReason(
  selection: SourceSelection,
  { partitions, missing, forbidden = [] }: SourceMetadata,
): string | undefined {
  if (partitions.length > 0) {
    return undefined;
  }
  if ("topicPattern" in selection) {
    return `no topic matches the topicPattern ${quoteName(selection.topicPattern)}, or none that may be described; internal topics are left out`;
  }
  const names = [...missing, ...forbidden.map(({ topic }) => topic)];
  return `nothing that the source names exists, or may be described: ${listNames(names)}`;
}
