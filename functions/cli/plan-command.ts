// The options of `ranges plan`: Spark's names in the command line's spelling, with
// Spark's precedence. A global timestamp wins over timestamps by partition, and
// those over offsets.

import { type Command, Option } from "commander";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { MAX_OFFSET } from "../../shared/core/offset-range.ts";
import { parseSparkOffsets, parseSparkTimestamps } from "../../shared/wire/spark-offsets.ts";
import type { PlanBound, PlanOptions } from "./plan-ranges.ts";

export interface PlanArguments {
  readonly startingOffsets: string;
  readonly endingOffsets: string;
  readonly startingTimestamp?: string;
  readonly endingTimestamp?: string;
  readonly startingOffsetsByTimestamp?: string;
  readonly endingOffsetsByTimestamp?: string;
  readonly onNoMatch: "error" | "latest";
  readonly maxRecordsPerPartition?: string;
  readonly minRecordsPerPartition?: string;
  readonly maxRecordsPerBatch?: string;
  readonly maxRecordsPerRange?: string;
  readonly minPartitions?: string;
}

export function addPlanOptions(command: Command): Command {
  return command
    .option("--starting-offsets <offsets>", "earliest, latest or Spark's JSON", "earliest")
    .option("--ending-offsets <offsets>", "latest or Spark's JSON", "latest")
    .option("--starting-timestamp <ms>", "first record that is not older, in every partition")
    .option("--ending-timestamp <ms>", "up to the first record that is not older, in every partition")
    .option("--starting-offsets-by-timestamp <json>", "the same by partition, as Spark's JSON")
    .option("--ending-offsets-by-timestamp <json>", "the same by partition, as Spark's JSON")
    .addOption(
      new Option("--on-no-match <what>", "for a starting timestamp that no record matches")
        .choices(["error", "latest"])
        .default("error"),
    )
    .option("--max-records-per-partition <n>", "most offsets of one partition")
    .option("--min-records-per-partition <n>", "least offsets of one partition, whatever its share")
    .option("--max-records-per-batch <n>", "offsets of all partitions together, shared out by lag")
    .option("--max-records-per-range <n>", "split what is longer")
    .option("--min-partitions <n>", "split into at least so many ranges");
}

/** Throws ConfigurationError that names the wrong option and its value. */
export function planOptionsOf(
  options: PlanArguments,
): Pick<PlanOptions, "starting" | "ending" | "onNoMatch" | "limits" | "split"> {
  const { maxRecordsPerPartition, minRecordsPerPartition, maxRecordsPerBatch } = options;
  const { maxRecordsPerRange, minPartitions } = options;
  return {
    starting: boundOf("starting", {
      timestamp: options.startingTimestamp,
      byTimestamp: options.startingOffsetsByTimestamp,
      offsets: options.startingOffsets,
    }),
    ending: boundOf("ending", {
      timestamp: options.endingTimestamp,
      byTimestamp: options.endingOffsetsByTimestamp,
      offsets: options.endingOffsets,
    }),
    onNoMatch: options.onNoMatch,
    limits: {
      ...present("maxRecordsPerPartition", "--max-records-per-partition", maxRecordsPerPartition),
      ...present("minRecordsPerPartition", "--min-records-per-partition", minRecordsPerPartition),
      ...present("maxRecordsPerBatch", "--max-records-per-batch", maxRecordsPerBatch),
    },
    split: {
      ...present("maxRecordsPerRange", "--max-records-per-range", maxRecordsPerRange),
      ...(minPartitions === undefined ? {} : { minPartitions: Number(parseCount("--min-partitions", minPartitions)) }),
    },
  };
}

interface BoundArguments {
  readonly timestamp: string | undefined;
  readonly byTimestamp: string | undefined;
  readonly offsets: string;
}

function boundOf(end: "starting" | "ending", { timestamp, byTimestamp, offsets }: BoundArguments): PlanBound {
  if (timestamp !== undefined) {
    return { timestamps: parseWhole(`--${end}-timestamp`, timestamp, 0n) };
  }
  return byTimestamp === undefined
    ? { offsets: parseSparkOffsets(`--${end}-offsets`, offsets) }
    : { timestamps: parseSparkTimestamps(`--${end}-offsets-by-timestamp`, byTimestamp) };
}

function present<Key extends string>(key: Key, option: string, text: string | undefined): { [key in Key]?: bigint } {
  return text === undefined ? {} : ({ [key]: parseCount(option, text) } as { [key in Key]: bigint });
}

function parseCount(option: string, text: string): bigint {
  return parseWhole(option, text, 1n);
}

function parseWhole(option: string, text: string, min: bigint): bigint {
  const value = /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value < min || value > MAX_OFFSET) {
    throw new ConfigurationError(
      `${option} ${JSON.stringify(text)} is not a whole number from ${min} to ${MAX_OFFSET}`,
    );
  }
  return value;
}
