// An archive on a store in memory: opened, written and settled as a processor does it.

import { type ArchiveReceipt, decodeReceipt } from "../../../shared/archive/archive-memo.ts";
import type { ArchiveFormat } from "../../../shared/archive/format/archive-format.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import { type ArchiveOptions, createArchive } from "../../../shared/archive/s3-archive.ts";
import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import type { OpenOutput, OutputRange, PreparedOutput, RangeOutput } from "../../../shared/core/output/range-output.ts";
import type { KafkaRecord, RecordBatch } from "../../../shared/core/source/range-reader.ts";
import { recordFields } from "../../../shared/core/source/record-fields.ts";
import { createInMemoryRangeReader } from "../../../shared/memory/in-memory-range-reader.ts";

export const NOON = Date.UTC(2026, 10, 28, 12);
const BUCKET = "archive-bench";

export function anOutputRange(overrides: Partial<OutputRange> = {}): OutputRange {
  return {
    ...{ pipeline: "archive", topic: "orders", topicId: "0b0d6d40-6f25-4a3b-8c55-000000000001", partition: 3 },
    ...{ fromOffset: 100n, untilOffset: 200n, rangeFrom: 100n, batchId: "batch-1", attempt: 1, leaseCounter: 1 },
    ...{ plannedAt: NOON, isSequential: true, remainingMs: 60_000, signal: new AbortController().signal },
    ...overrides,
  };
}

export function aKafkaRecord(offset: bigint, overrides: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    offset,
    timestamp: BigInt(NOON),
    timestampType: "CreateTime",
    key: Buffer.from(`key-${offset}`),
    value: Buffer.from(`{"order":${offset}}`),
    headers: [],
    ...overrides,
  };
}

export function kafkaRecords(range: OutputRange, of: (offset: bigint) => Partial<KafkaRecord> = () => ({})) {
  const count = Number(range.untilOffset - range.fromOffset);
  return Array.from({ length: count }, (_, index) => range.fromOffset + BigInt(index)).map((offset) =>
    aKafkaRecord(offset, of(offset)),
  );
}

export function openBench(
  access: AwsAccess,
  options: Partial<ArchiveOptions> & { readonly format?: ArchiveFormat } = {},
) {
  return createArchive({ bucket: BUCKET, ...options }, () => access);
}

export async function openPrepared(output: RangeOutput<ArchiveRecord>, range: OutputRange): Promise<Prepared> {
  const open: OpenOutput<ArchiveRecord> = await output.open(range);
  if (open.kind !== "prepared" || open.writeBatch === undefined) {
    throw new TypeError("an archive prepares, and takes batches");
  }
  return open as Prepared; // It has been looked at.
}

type Prepared = PreparedOutput<ArchiveRecord> & Required<Pick<PreparedOutput<ArchiveRecord>, "writeBatch">>;

/** The whole range in batches of so many records, committed wherever the archive asks for it, and settled. */
export async function archiveAll(
  output: RangeOutput<ArchiveRecord>,
  range: OutputRange,
  { records, recordsPerBatch = 10 }: { readonly records: readonly KafkaRecord[]; readonly recordsPerBatch?: number },
): Promise<readonly ArchiveReceipt[]> {
  const open = await openPrepared(output, range);
  const receipts: ArchiveReceipt[] = [];
  const commit = async (untilOffset: bigint) => {
    const prepared = await open.prepare({ untilOffset, progress: "" });
    const settled = prepared === "nothing" ? undefined : await output.settle?.(prepared.memo, range);
    if (typeof settled === "object") {
      receipts.push(decodeReceipt(settled.receipt));
    }
  };
  for await (const batch of batchesOf(range, records, recordsPerBatch)) {
    for (let at = range.fromOffset; at < batch.untilOffset; ) {
      at = await open.writeBatch(batch, at);
      await (at < batch.untilOffset || open.isFull ? commit(at) : undefined);
    }
  }
  await commit(range.untilOffset);
  await open.close();
  return receipts;
}

export function batchesOf(
  range: OutputRange,
  records: readonly KafkaRecord[],
  recordsPerBatch: number,
): AsyncIterable<RecordBatch> {
  const log = records.map((record) => ({ ...recordFields(record), isAborted: false }));
  const reader = createInMemoryRangeReader({ records: log, recordsPerBatch });
  return reader.readRange({ range, isolationLevel: "read_committed" }).batches();
}
