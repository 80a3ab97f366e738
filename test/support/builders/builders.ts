// Builders of core's values with full defaults: a test names what it is about.

import type { ProcessorRules } from "../../../functions/processor/attempt/processor-deps.ts";
import type { BatchRules } from "../../../shared/core/plan/plan-batch.ts";
import type { PartitionState } from "../../../shared/core/plan/plan-partition.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import {
  assertRangeRecord,
  type ChainKey,
  NO_COUNTS,
  type RangeRecord,
  type RangeStatus,
} from "../../../shared/core/range/range-record.ts";
import type { PartitionMetadata } from "../../../shared/core/source/offset-source.ts";
import { START } from "../fake-clock.ts";

export const ORDERS_ID = "0b0d6d40-6f25-4a3b-8c55-000000000001";

export function aChain(overrides: Partial<ChainKey> = {}): ChainKey {
  return { pipeline: "word-count", topicId: ORDERS_ID, partition: 3, ...overrides };
}

export function aRange(overrides: Partial<OffsetRange> = {}): OffsetRange {
  return { topic: "orders", partition: 3, fromOffset: 5n, untilOffset: 9n, ...overrides };
}

/** A record that a range of this status can have; without a status, one that was planned and dispatched at START. */
export function aRangeRecord(overrides: Partial<RangeRecord> = {}): RangeRecord {
  const { status = "PLANNED" } = overrides;
  const range = aRange(status === "ANCHOR" ? { untilOffset: overrides.fromOffset ?? 5n } : {});
  const fromOffset = overrides.fromOffset ?? range.fromOffset;
  const untilOffset = overrides.untilOffset ?? range.untilOffset;
  const record = {
    ...range,
    chain: aChain({ partition: overrides.partition ?? range.partition }),
    revision: 1,
    writeId: "write-1",
    committedOffset: status === "COMPLETED" ? untilOffset : fromOffset,
    counts: NO_COUNTS,
    attempt: 0,
    failedAttempts: 0,
    batchId: "batch-1",
    leaseCounter: 0,
    plannedAt: START,
    ...ofStatus(status),
    ...overrides,
    status,
  };
  return assertRangeRecord(record);
}

/** A range that failed and waits for an operator. */
export function aHaltedRecord(overrides: Partial<RangeRecord> = {}): RangeRecord {
  const { nextAttemptAt: _none, ...halted } = aRangeRecord({ ...overrides, status: "FAILED" });
  return halted;
}

function ofStatus(status: RangeStatus): Partial<RangeRecord> {
  const claimed = { dispatchedAt: START, startedAt: START, attempt: 1, leaseCounter: 1 };
  switch (status) {
    case "ANCHOR":
      return {};
    case "PLANNED":
      return { dispatchedAt: START };
    case "RUNNING":
      return { ...claimed, lease: { owner: "processor-1", counter: 1, expiresAt: START + 60_000 } };
    case "FAILED":
      return {
        ...claimed,
        failedAttempts: 1,
        error: { name: "RangeReadError", message: "the broker is gone" },
        nextAttemptAt: START + 1_000,
      };
    case "COMPLETED":
    case "QUARANTINED":
    case "SKIPPED":
    case "LOST":
      return { ...claimed, completedAt: START + 1_000, expiresAt: START + 86_400_000 };
  }
}

export function aPartition(overrides: Partial<PartitionMetadata> = {}): PartitionMetadata {
  const leader = { nodeId: 1, host: "kafka-1", port: 9092, leaderEpoch: 7 };
  return { topic: "orders", partition: 3, topicId: ORDERS_ID, leader, ...overrides };
}

/** A partition whose chain begins at 0; its log holds [0, 10). */
export function aPartitionState(overrides: Partial<PartitionState> = {}): PartitionState {
  return {
    partition: aPartition(),
    problem: undefined,
    newest: undefined,
    partitionStarted: false,
    end: { kind: "listed", offset: 10n },
    beginning: { kind: "listed", offset: 0n },
    start: { kind: "frozen", offset: 0n },
    ...overrides,
  };
}

export function planRules(overrides: Partial<BatchRules> = {}): BatchRules {
  return {
    maxRecordsPerPartition: 1_000n,
    isSizeAdaptive: true,
    initialRecordsPerPartition: 1_000n,
    batchIntervalMs: 60_000,
    processorTimeoutMs: 300_000,
    maxAttempts: 3,
    dispatchTimeoutMs: 30_000,
    onDataLoss: "fail",
    onTopicRecreated: "fail",
    retentionMs: 86_400_000,
    ...overrides,
  };
}

export function processorRules(overrides: Partial<ProcessorRules> = {}): ProcessorRules {
  return {
    isolationLevel: "read_committed",
    maxAttempts: 3,
    onFailure: "halt",
    maxQuarantinedPerRange: 10,
    maxOutageAttempts: 40,
    onDataLoss: "fail",
    retentionMs: 86_400_000,
    ...overrides,
  };
}
