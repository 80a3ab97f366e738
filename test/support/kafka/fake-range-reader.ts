// Fake range reader
//
// The reader's contract (RR1-RR3) over a fake log: delivers batch by batch, counts
// every offset that it passes, and looks at the log anew for each batch, so that
// what happens to the log during a read is seen.

import assert from "node:assert/strict";
import { BeyondEndError, DataLossError } from "../../../shared/core/errors.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import { NO_COUNTS, type RangeCounts } from "../../../shared/core/range/range-record.ts";
import type {
  KafkaRecord,
  RangeRead,
  RangeReader,
  ReadRequest,
  RecordBatch,
} from "../../../shared/core/source/range-reader.ts";
import { AccessedRecord } from "../../../shared/memory/accessed-record.ts";
import { endOffsetOf, type FakeKafkaLog, type FakePartition, type StoredOffset } from "./fake-kafka-log.ts";

export interface FakeRangeReader extends RangeReader {
  /** Every read that was opened. */
  readonly requests: readonly ReadRequest[];
  /** Called before each fetch of a batch: to crash, to wait, or to change the log in the middle of a read. */
  beforeFetch: (request: ReadRequest, position: bigint) => Promise<void> | void;
  throttleTimeMs: number;
}

export function createFakeRangeReader(log: FakeKafkaLog): FakeRangeReader {
  const requests: ReadRequest[] = [];
  const reader: FakeRangeReader = {
    requests,
    beforeFetch: () => {},
    throttleTimeMs: 0,
    readRange: (request) => {
      requests.push(request);
      return openRead(log, request, (position) => reader.beforeFetch(request, position));
    },
    close: async () => {},
  };
  return reader;
}

function openRead(
  log: FakeKafkaLog,
  request: ReadRequest,
  beforeFetch: (position: bigint) => Promise<void> | void,
): RangeRead {
  const { range, signal } = request;
  let position = range.fromOffset;
  let counts = NO_COUNTS;
  let leaderEpoch: number | undefined;
  let isBegun = false;

  async function* batches(): AsyncGenerator<RecordBatch, void, undefined> {
    assert.ok(!isBegun, "a read is begun once");
    isBegun = true;
    while (position < range.untilOffset) {
      await beforeFetch(position);
      signal?.throwIfAborted();
      const partition = checkReadable(log, request, position);
      const offsets = storedBatchAt(partition, position, range.untilOffset);
      const records = offsets.filter((one) => isVisible(one, request));
      counts = addOffsets(counts, offsets, request);
      leaderEpoch = offsets.at(-1)?.leaderEpoch;
      position += BigInt(offsets.length);
      if (records.length > 0) {
        yield asBatch(records, position);
      }
    }
  }

  return {
    batches,
    async *records() {
      for await (const batch of batches()) {
        yield* batch;
      }
    },
    get position() {
      return position;
    },
    get counts() {
      return counts;
    },
    get leaderEpoch() {
      return leaderEpoch;
    },
  };
}

function checkReadable(log: FakeKafkaLog, { range, topicId, isolationLevel }: ReadRequest, position: bigint) {
  const what = formatOffsetRange(range);
  const partition = log.partition(range);
  if (partition === undefined || (topicId !== undefined && partition.topicId !== topicId)) {
    throw new DataLossError(`the topic of ${what} was deleted or re-created`, {
      fromOffset: position,
      loss: { kind: "topicGone" },
    });
  }
  const { beginningOffset } = partition;
  if (position < beginningOffset) {
    throw new DataLossError(`${what}: the log begins at ${beginningOffset}`, {
      fromOffset: position,
      loss: { kind: "deleted", beginningOffset },
    });
  }
  const endOffset = endOffsetOf(partition, isolationLevel);
  if (endOffset < range.untilOffset) {
    throw new BeyondEndError(`${what} ends above ${endOffset}`, { untilOffset: range.untilOffset, endOffset });
  }
  return partition;
}

/** The rest of the stored batch that holds `position`, cut at `untilOffset`. */
function storedBatchAt({ stored }: FakePartition, position: bigint, untilOffset: bigint): readonly StoredOffset[] {
  const rest = stored.slice(Number(position), Number(untilOffset));
  const batch = rest[0]?.batch;
  const end = rest.findIndex((one) => one.batch !== batch);
  return end < 0 ? rest : rest.slice(0, end);
}

function isAborted({ transaction }: StoredOffset, { isolationLevel }: ReadRequest): boolean {
  return isolationLevel === "read_committed" && transaction?.state === "aborted";
}

function isVisible(stored: StoredOffset, request: ReadRequest): boolean {
  return stored.kind === "record" && !isAborted(stored, request);
}

function addOffsets(counts: RangeCounts, offsets: readonly StoredOffset[], request: ReadRequest): RangeCounts {
  const count = (is: (stored: StoredOffset) => boolean) => BigInt(offsets.filter(is).length);
  return {
    delivered: counts.delivered + count((one) => isVisible(one, request)),
    aborted: counts.aborted + count((one) => one.kind === "record" && isAborted(one, request)),
    control: counts.control + count(({ kind }) => kind === "marker"),
    bytes: counts.bytes + offsets.reduce((sum, { value }) => sum + BigInt(61 + value.length), 0n),
  };
}

function asBatch(stored: readonly StoredOffset[], untilOffset: bigint): RecordBatch {
  const records = stored.map(asRecord);
  return {
    count: records.length,
    untilOffset,
    countBelow: (offset) => records.filter((record) => record.offset < offset).length,
    [Symbol.iterator]: () => records[Symbol.iterator](),
  };
}

function asRecord({ offset, value, timestamp }: StoredOffset): KafkaRecord {
  return new AccessedRecord({
    ...{ offset, timestamp, timestampType: "CreateTime" },
    ...{ key: null, value: Buffer.from(value), headers: [] },
  });
}
