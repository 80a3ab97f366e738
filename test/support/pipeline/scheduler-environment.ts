import type { SchedulerEnvironment } from "../../../shared/wire/environment/function-environment.ts";

/** A scheduler's configuration without the options that it can do without. */
export const SCHEDULER_ENVIRONMENT: SchedulerEnvironment = {
  pipeline: "word-count",
  ledgerTable: "Ledger",
  bootstrapServers: ["b-1:9092", "b-2:9092"],
  securityProtocol: "SSL",
  isolationLevel: "read_committed",
  maxAttempts: 5,
  onDataLoss: "fail",
  onTopicRecreated: "fail",
  retentionMs: 2_592_000_000,
  topics: ["orders", "returns"],
  startingOffsets: "latest",
  initialRecordsPerPartition: 10_000n,
  adaptiveSize: true,
  ordered: true,
  backpressure: "off",
  batchIntervalMs: 60_000,
  processorTimeoutMs: 300_000,
  maxRecordsPerPartition: 9_007_199_254_740_993n,
  dispatchTimeoutMs: 60_000,
  dispatchesPerSecond: 100,
  processorFunction: "arn:aws:lambda:eu-west-1:123456789012:function:p",
};
