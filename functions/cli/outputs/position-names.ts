import type { PositionKey } from "./verify-positions.ts";

/** A map's key; a chain as a whole has no beginning. */
export function positionName({ topicId, partition, requestId = "", rangeFrom }: Omit<PositionKey, "pipeline">): string {
  return [topicId, partition, requestId, rangeFrom ?? "chain"].join("#");
}
