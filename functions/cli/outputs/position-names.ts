import type { PositionKey } from "./verify-positions.ts";

/** A map's key; a chain as a whole has no beginning. */
export function positionName(key: Omit<PositionKey, "pipeline">): string {
  const { topicId, partition, requestId = "", plannedAt, rangeFrom } = key;
  return [topicId, partition, requestId, plannedAt ?? "", rangeFrom ?? "chain"].join("#");
}
