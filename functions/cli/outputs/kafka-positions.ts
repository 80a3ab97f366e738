// Kafka positions: where outputs in Kafka stand, as the groups of the output say.

import { hasOwnPosition } from "../../../shared/core/range/range-record.ts";
import { openCluster } from "../../../shared/kafka/cluster/cluster.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { MIN_OFFSETS_RETENTION_MS } from "../../../shared/kafka/limits.ts";
import { type PlacedRange, placeOf } from "../../../shared/kafka/output/output-place.ts";
import { readPositions } from "../../../shared/kafka/output/read-positions.ts";
import { hasCommitted } from "./output-proof.ts";
import { positionName } from "./position-names.ts";
import type { PipelineRanges } from "./read-ranges.ts";
import { ownKeyOf, type PositionKey, type PositionStore } from "./verify-positions.ts";

/** `elsewhere` is a topic of the outputs' cluster, where it is not the source's. */
export function openKafkaPositions(
  options: KafkaOptions,
  elsewhere: string | undefined,
  now: () => number,
): PositionStore {
  const cluster = openCluster(options);
  const { bootstrapServers } = options;
  return {
    name: "Kafka",
    place: bootstrapServers.join(","),
    keepsMs: MIN_OFFSETS_RETENTION_MS,
    async read(pipeline, signal) {
      const found = new Map<string, bigint>();
      const readAll = async (keys: readonly PositionKey[]) => {
        const places = keys.map((key) => placeOf(placedRange(key), elsewhere));
        const offsets = await readPositions(cluster, places, signal);
        for (const [index, key] of keys.entries()) {
          const offset = offsets[index];
          if (offset !== undefined) {
            found.set(positionName(key), offset);
          }
        }
      };
      await readAll(chainKeysOf(pipeline));
      // A group of its own costs as much as a chain's: only of ranges that their chain's does not cover.
      await readAll(ownKeysOf(pipeline, { found, now: now() }));
      return { of: (key) => found.get(positionName(key)), all: [] };
    },
    close: async () => cluster.close(),
  };
}

function chainKeysOf({ ranges }: PipelineRanges): readonly PositionKey[] {
  const keys = ranges
    .filter(({ chain }) => chain.requestId === undefined)
    .map(({ chain, topic }) => ({ ...chain, topic }));
  return [...new Map(keys.map((key) => [positionName(key), key])).values()];
}

/** Not of what Kafka may have forgotten. */
function ownKeysOf(
  { ranges }: PipelineRanges,
  { found, now }: { readonly found: ReadonlyMap<string, bigint>; readonly now: number },
): readonly PositionKey[] {
  return ranges
    .filter((range) => {
      const { chain, committedOffset, completedAt = now } = range;
      const ofChain =
        chain.requestId === undefined ? found.get(positionName({ ...chain, topic: range.topic })) : undefined;
      const isCovered = ofChain !== undefined && ofChain >= committedOffset;
      const isKept = completedAt + MIN_OFFSETS_RETENTION_MS >= now;
      return hasOwnPosition(range) && hasCommitted(range) && !isCovered && isKept;
    })
    .map(ownKeyOf);
}

function placedRange({ rangeFrom, plannedAt = 0, ...chain }: PositionKey): PlacedRange {
  return { ...chain, plannedAt, rangeFrom: rangeFrom ?? 0n, isSequential: rangeFrom === undefined };
}
