// Limit environment
//
// The part of the scheduler's environment that bounds what one run plans.

import * as z from "zod";
import { decimal, flag, integer, records } from "./environment-codecs.ts";

export const limits = {
  initialRecordsPerPartition: records.meta({
    description: "Longest first range of a partition, before anything is known of its pace, in offsets.",
  }),
  adaptiveSize: flag.meta({
    description: "Whether a range is sized from how the one before it went, to fill its time (true or false).",
  }),
  batchIntervalMs: integer(1_000, 86_400_000).meta({
    description: "How often the scheduler runs, in ms: what a range is sized to fill at most.",
  }),
  processorTimeoutMs: integer(1_000, 900_000).meta({
    description: "The processor function's time-out, in ms: a range is sized to stay well below it.",
  }),
  ordered: flag.meta({
    description: "Whether a partition's records are processed in order, one range at a time (true or false).",
  }),
  maxRecordsPerRange: records.exactOptional().meta({
    description: "Longest of the ranges that a partition's share of a batch is cut into, without order.",
  }),
  minPartitions: integer(1, 1_000).exactOptional().meta({
    description: "Least ranges that a batch is cut into, without order (Spark's minPartitions; up to 1,000).",
  }),
  minRecordsPerPartition: records.exactOptional().meta({
    description: "Least offsets of a partition that has as many, whatever its share of a batch is.",
  }),
  maxRecordsPerBatch: records.exactOptional().meta({
    description: "Offsets of all partitions together in one run, shared out by lag (Spark's maxOffsetsPerTrigger).",
  }),
  minRecordsPerBatch: records.exactOptional().meta({
    description:
      "Below so many new offsets in all partitions together a run plans nothing (Spark's minOffsetsPerTrigger).",
  }),
  maxBatchDelayMs: integer(1_000, 86_400_000).exactOptional().meta({
    description:
      "How long after the last batch one below that minimum is planned all the same, in ms (Spark's maxTriggerDelay; up to a day).",
  }),
  maxConcurrency: integer(1, 20_000).exactOptional().meta({
    description: "Most ranges in flight at a time: dispatched, or being processed (1 to 20000).",
  }),
  backpressure: z.enum(["off", "pid"]).meta({
    description:
      "Whether the pace of the last batches limits the next (Spark's backpressure); it needs the four weights.",
  }),
  pidProportional: decimal.exactOptional().meta({
    description: "Weight of the last batch's error (Spark's pid.proportional).",
  }),
  pidIntegral: decimal.exactOptional().meta({
    description: "Weight of the work that waited (Spark's pid.integral).",
  }),
  pidDerived: decimal.exactOptional().meta({
    description: "Weight of the error's change (Spark's pid.derived).",
  }),
  pidMinRate: decimal.exactOptional().meta({
    description: "Records a second of all partitions together, at least (Spark's pid.minRate; above 0).",
  }),
} as const;

interface LimitValues {
  readonly maxRecordsPerPartition: bigint;
  readonly minRecordsPerPartition?: bigint;
  readonly maxRecordsPerBatch?: bigint;
  readonly minRecordsPerBatch?: bigint;
  readonly maxBatchDelayMs?: number;
  readonly ordered: boolean;
  readonly maxRecordsPerRange?: bigint;
  readonly minPartitions?: number;
  readonly backpressure: "off" | "pid";
  readonly pidProportional?: number;
  readonly pidIntegral?: number;
  readonly pidDerived?: number;
  readonly pidMinRate?: number;
}

/** What single values cannot say: limits that contradict each other. */
export function limitProblems(
  config: LimitValues,
): readonly { readonly path: keyof LimitValues; readonly message: string }[] {
  const { minRecordsPerPartition, maxRecordsPerPartition, minRecordsPerBatch, maxRecordsPerBatch } = config;
  const { maxBatchDelayMs } = config;
  const most = (name: string, value: number | bigint) => `expected at most ${name} ${value}`;
  return [
    ...(minRecordsPerPartition !== undefined && minRecordsPerPartition > maxRecordsPerPartition
      ? [{ path: "minRecordsPerPartition", message: most("maxRecordsPerPartition", maxRecordsPerPartition) } as const]
      : []),
    ...(minRecordsPerBatch !== undefined && maxRecordsPerBatch !== undefined && minRecordsPerBatch > maxRecordsPerBatch
      ? [{ path: "minRecordsPerBatch", message: most("maxRecordsPerBatch", maxRecordsPerBatch) } as const]
      : []),
    ...((minRecordsPerBatch === undefined) === (maxBatchDelayMs === undefined)
      ? []
      : [{ path: "maxBatchDelayMs", message: "minRecordsPerBatch and maxBatchDelayMs need each other" } as const]),
    ...weightProblems(config),
    ...(["maxRecordsPerRange", "minPartitions"] as const).flatMap((path) =>
      config.ordered && config[path] !== undefined
        ? [{ path, message: "ranges are cut only where ordered is false" }]
        : [],
    ),
  ];
}

function weightProblems({ backpressure, ...weights }: LimitValues) {
  const { pidMinRate } = weights;
  const wrong = (["pidProportional", "pidIntegral", "pidDerived", "pidMinRate"] as const).filter(
    (path) => (weights[path] !== undefined) !== (backpressure === "pid"),
  );
  return [
    ...wrong.map((path) => ({ path, message: "backpressure pid and its four weights need each other" })),
    ...(pidMinRate === 0 ? [{ path: "pidMinRate", message: "expected more than 0" } as const] : []),
  ];
}
