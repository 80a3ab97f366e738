import type { SchedulerEnvironment } from "../../shared/wire/function-environment.ts";
import { parseSparkOffsets, parseSparkTimestamps } from "../../shared/wire/spark-offsets.ts";
import type { OffsetsByPartition, RangePipelineProps } from "./range-pipeline-props.ts";

type StartingConfig = Pick<
  SchedulerEnvironment,
  "startingOffsets" | "startingTimestamp" | "startingOffsetsByTimestamp" | "onNoMatch"
>;

/** Where the pipeline starts, held to the rules that the scheduler reads it by. Throws for what it would refuse. */
export function startingConfig(props: RangePipelineProps): StartingConfig {
  const { startingOffsets = "earliest", startingTimestamp, startingOffsetsByTimestamp, onNoMatch } = props;
  return {
    startingOffsets: parseSparkOffsets(
      "startingOffsets",
      typeof startingOffsets === "string" ? startingOffsets : toSparkJson("startingOffsets", startingOffsets),
    ),
    ...(startingTimestamp === undefined ? {} : { startingTimestamp: millisecondsOf(startingTimestamp) }),
    ...(startingOffsetsByTimestamp === undefined
      ? {}
      : { startingOffsetsByTimestamp: timestampsOf(startingOffsetsByTimestamp) }),
    ...(onNoMatch === undefined ? {} : { onNoMatch }),
  };
}

function timestampsOf(byPartition: OffsetsByPartition): ReadonlyMap<string, bigint> {
  const name = "startingOffsetsByTimestamp";
  return parseSparkTimestamps(name, toSparkJson(name, byPartition));
}

function millisecondsOf(timestamp: Date | number): bigint {
  const ms = typeof timestamp === "number" ? timestamp : timestamp.getTime();
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new Error(`startingTimestamp is ${ms}; choose a valid Date, or whole milliseconds since the epoch`);
  }
  return BigInt(ms);
}

/** JSON has no bigint; a number that is not exact any more is refused rather than rounded. */
function toSparkJson(name: string, byPartition: OffsetsByPartition): string {
  const topics = Object.entries(byPartition).map(([topic, partitions]) => {
    const values = Object.entries(partitions).map(([partition, value]) => {
      if (typeof value === "number" && !Number.isSafeInteger(value)) {
        throw new Error(
          `${name} has ${value} for ${topic}-${partition}; choose a whole number, above 2^53 as a bigint`,
        );
      }
      return `${JSON.stringify(partition)}:${value}`;
    });
    return `${JSON.stringify(topic)}:{${values.join(",")}}`;
  });
  return `{${topics.join(",")}}`;
}
