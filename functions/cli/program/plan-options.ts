// The options of `ranges plan` and of `ranges reprocess`: Spark's names in the
// command line's spelling.

import { type Command, Option } from "commander";

export function addPlanOptions(command: Command): Command {
  return command
    .option("--starting-offsets <offsets>", "earliest (default), latest or Spark's JSON")
    .option(
      "--starting-offsets-from-group <group>",
      "what this consumer group has committed; goes before --starting-offsets",
    )
    .option("--ending-offsets <offsets>", "latest (default) or Spark's JSON")
    .option(
      "--starting-timestamp <time>",
      "first record that is not older, in every partition: ms since the epoch, or ISO 8601 with a zone",
    )
    .option("--ending-timestamp <time>", "up to the first record that is not older, in every partition")
    .option("--starting-offsets-by-timestamp <json>", "the same by partition, as Spark's JSON")
    .option("--ending-offsets-by-timestamp <json>", "the same by partition, as Spark's JSON")
    .addOption(
      new Option(
        "--on-no-match <what>",
        "for a starting timestamp that no record matches: error (default) or latest; for a partition of which the group has committed no offset also earliest",
      ).choices(["error", "latest", "earliest"]),
    )
    .option("--max-records-per-partition <n>", "most offsets of one partition")
    .option("--min-records-per-partition <n>", "least offsets of one partition, whatever its share")
    .option("--max-records-per-batch <n>", "offsets of all partitions together, shared out by lag")
    .option("--max-records-per-range <n>", "split what is longer")
    .option("--min-partitions <n>", "split into at least so many ranges");
}
