/** The ledger table's key attributes, both strings. */
export const PARTITION_KEY = "pk";
export const SORT_KEY = "sk";

/** The table forgets an item once this attribute, in seconds since the epoch, has passed. */
export const EXPIRY_ATTRIBUTE = "expiresAt";

/** A set of the names of an item's attributes that nobody may leave unread (IC6 of item-codec.ts). */
export const CRITICAL_ATTRIBUTE = "crit";

/** The partition key under which all pipelines of a table stand. */
export const PIPELINES_KEY = "v1#pipelines";

/** What every other partition key of a pipeline begins with. */
export function pipelineKeyPrefix(pipeline: string): string {
  return `v1#${pipeline}#`;
}

/** The partition key of what the writer of a pipeline's batch manifests keeps: all that it writes. */
export function manifestsKey(pipeline: string): string {
  return `${pipelineKeyPrefix(pipeline)}manifests`;
}
