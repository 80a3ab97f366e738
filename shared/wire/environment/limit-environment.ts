// Limit environment
//
// The part of the scheduler's environment that bounds what one run plans.

import * as z from "zod/mini";
import { decimal, flag, integer, records } from "./environment-codecs.ts";

export const limits = {
  initialRecordsPerPartition: records,
  adaptiveSize: flag,
  batchIntervalMs: integer(1_000, 86_400_000),
  processorTimeoutMs: integer(1_000, 900_000),
  ordered: flag,
  maxRecordsPerRange: z.exactOptional(records),
  minPartitions: z.exactOptional(integer(1, 1_000)),
  minRecordsPerPartition: z.exactOptional(records),
  maxRecordsPerBatch: z.exactOptional(records),
  minRecordsPerBatch: z.exactOptional(records),
  maxBatchDelayMs: z.exactOptional(integer(1_000, 86_400_000)),
  maxConcurrency: z.exactOptional(integer(1, 20_000)),
  backpressure: z.enum(["off", "pid"]),
  pidProportional: z.exactOptional(decimal),
  pidIntegral: z.exactOptional(decimal),
  pidDerived: z.exactOptional(decimal),
  pidMinRate: z.exactOptional(decimal),
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
