import { formatTopicPartition, type TopicPartition } from "./topic-partition.ts";

/**
 * What is wrong when a choice by partition, keyed as `formatTopicPartition` spells it, does not
 * name exactly these partitions. `hint` ends the problem of those it leaves out.
 */
export function namingProblems(
  what: string,
  choice: ReadonlyMap<string, unknown>,
  { partitions, hint = "" }: { readonly partitions: readonly TopicPartition[]; readonly hint?: string },
): readonly string[] {
  const names = new Set(partitions.map(formatTopicPartition));
  const missing = [...names].filter((name) => !choice.has(name));
  const tooMuch = [...choice.keys()].filter((name) => !names.has(name));
  return [
    ...(missing.length > 0 ? [`${what} do not name ${missing.join(", ")}${hint}`] : []),
    ...(tooMuch.length > 0 ? [`${what} name ${tooMuch.join(", ")}, which the source does not have`] : []),
  ];
}
