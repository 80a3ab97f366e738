import type { SchedulerEnvironment } from "../../shared/wire/function-environment.ts";
import { readOffsets, readTimestamps } from "../../shared/wire/spark-offsets.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";

type StartingConfig = Pick<
  SchedulerEnvironment,
  "startingOffsets" | "startingTimestamp" | "startingOffsetsByTimestamp" | "onNoMatch"
>;

/** Where the pipeline starts, held to the rules that the scheduler reads it by. Throws for what it would refuse. */
export function startingConfig(props: RangePipelineProps): StartingConfig {
  const { startingOffsets = "earliest", startingTimestamp, startingOffsetsByTimestamp, onNoMatch } = props;
  return {
    startingOffsets:
      typeof startingOffsets === "string" ? startingOffsets : readOffsets("startingOffsets", startingOffsets),
    ...(startingTimestamp === undefined ? {} : { startingTimestamp: millisecondsOf(startingTimestamp) }),
    ...(startingOffsetsByTimestamp === undefined
      ? {}
      : { startingOffsetsByTimestamp: readTimestamps("startingOffsetsByTimestamp", startingOffsetsByTimestamp) }),
    ...(onNoMatch === undefined ? {} : { onNoMatch }),
  };
}

function millisecondsOf(timestamp: Date | number): bigint {
  const ms = typeof timestamp === "number" ? timestamp : timestamp.getTime();
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new Error(`startingTimestamp is ${ms}; choose a valid Date, or whole milliseconds since the epoch`);
  }
  return BigInt(ms);
}
