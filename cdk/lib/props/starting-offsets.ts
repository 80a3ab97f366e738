import type { ByPartition } from "../../../shared/wire/offsets/spark-offsets.ts";

/** What a consumer group has committed, once it has no members. */
export interface FromGroup {
  /** Kafka's `group.id`. */
  readonly group: string;
}

/** Spark's JSON by partition; a word is told from it by being one. */
type SparkJson = string & Record<never, never>;

/** Where partitions start that exist at the first run; a text is Spark's JSON. */
export type StartingOffsets = "earliest" | "latest" | SparkJson | ByPartition | FromGroup;

/** `{ group: "latest" }` is of a topic with that name. */
export function isFromGroup(offsets: unknown): offsets is FromGroup {
  if (typeof offsets !== "object" || offsets === null || Object.keys(offsets).join() !== "group") {
    return false;
  }
  const group: unknown = Reflect.get(offsets, "group");
  return typeof group === "string" && !isWord(group);
}

export function isWord(offsets: unknown): offsets is "earliest" | "latest" {
  return typeof offsets === "string" && ["earliest", "latest"].includes(offsets.trim().toLowerCase());
}
