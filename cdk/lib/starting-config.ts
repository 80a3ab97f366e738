import { cutText, quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { groupIdProblem } from "../../shared/core/source/group-id.ts";
import type { SchedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { parseSparkOffsets, readOffsets, readTimestamps } from "../../shared/wire/offsets/spark-offsets.ts";
import { readTimestamp, TIMESTAMP_RULE } from "../../shared/wire/offsets/timestamp.ts";
import { isFromGroup } from "./props/starting-offsets.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import type { ResolvedProps } from "./resolve-props.ts";

type StartingConfig = Pick<
  SchedulerEnvironment,
  "startingOffsets" | "startingOffsetsFromGroup" | "startingTimestamp" | "startingOffsetsByTimestamp" | "onNoMatch"
>;

/** Where the pipeline starts, held to the rules that the scheduler reads it by. Throws ConfigurationError for what it would refuse. */
export function startingConfig(props: ResolvedProps): StartingConfig {
  const { startingOffsets, startingTimestamp, startingOffsetsByTimestamp, onNoMatch } = props;
  return {
    ...readStartingOffsets(startingOffsets),
    ...(startingTimestamp === undefined ? {} : { startingTimestamp: readStartingTimestamp(startingTimestamp) }),
    ...(startingOffsetsByTimestamp === undefined
      ? {}
      : { startingOffsetsByTimestamp: readStartingTimestamps(startingOffsetsByTimestamp) }),
    ...omitUndefined({ onNoMatch }),
  };
}

type Given<Prop extends keyof RangePipelineProps> = NonNullable<RangePipelineProps[Prop]>;

/** Of a group, which goes before them, the offsets are the default's. */
export function readStartingOffsets(
  offsets: Given<"startingOffsets">,
): Pick<StartingConfig, "startingOffsets" | "startingOffsetsFromGroup"> {
  if (typeof offsets === "string") {
    return { startingOffsets: parseSparkOffsets("startingOffsets", offsets) };
  }
  if (!isFromGroup(offsets)) {
    return { startingOffsets: readOffsets("startingOffsets", offsets) };
  }
  const problem = groupIdProblem(offsets.group);
  if (problem !== undefined) {
    throw new ConfigurationError(
      `startingOffsets.group is ${quote(offsets.group)}; give a consumer group's id: ${problem}`,
    );
  }
  return { startingOffsets: "earliest", startingOffsetsFromGroup: offsets.group };
}

export function readStartingTimestamps(timestamps: Given<"startingOffsetsByTimestamp">): ReadonlyMap<string, bigint> {
  return readTimestamps("startingOffsetsByTimestamp", timestamps);
}

export function readStartingTimestamp(timestamp: Given<"startingTimestamp">): bigint {
  const read = readTimestamp(timestamp);
  if (read.kind === "refused") {
    const given = timestamp instanceof Date ? timestamp.getTime() : cutText(String(timestamp));
    throw new ConfigurationError(
      `startingTimestamp is ${given}; choose a valid Date, ${TIMESTAMP_RULE}: this is ${read.why}`,
    );
  }
  return read.value;
}
