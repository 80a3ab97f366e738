import { cutText } from "../../shared/core/bounded-text.ts";
import type { SchedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { readOffsets, readTimestamps } from "../../shared/wire/offsets/spark-offsets.ts";
import { readTimestamp, TIMESTAMP_RULE } from "../../shared/wire/offsets/timestamp.ts";
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

function millisecondsOf(timestamp: Date | number | string): bigint {
  const read = readTimestamp(timestamp);
  if (read.kind === "refused") {
    const given = timestamp instanceof Date ? timestamp.getTime() : cutText(String(timestamp));
    throw new Error(`startingTimestamp is ${given}; choose a valid Date, ${TIMESTAMP_RULE}: this is ${read.why}`);
  }
  return read.value;
}
