// In-memory range reader
//
// The reader's contract (RR1-RR3) over records that are given: batch by batch, an offset
// without a record being one that was compacted away or holds a transaction's marker.
//
//   IMR1  A record behaves as one that the Kafka reader made: a spread copies none of its fields.

import { ConfigurationError } from "../core/errors.ts";
import { NO_COUNTS, type RangeCounts } from "../core/range/range-record.ts";
import {
  type KafkaRecord,
  type RangeRead,
  type RangeReader,
  READ_ONCE,
  type ReadRequest,
  type RecordBatch,
} from "../core/source/range-reader.ts";
import { AccessedRecord } from "./accessed-record.ts";

export interface InMemoryLog {
  /** By ascending offset. */
  readonly records: readonly (KafkaRecord & { readonly isAborted: boolean })[];
  /** How many records a stored batch has at most. */
  readonly recordsPerBatch: number;
}

/** `onRecord` is called before each record is handed out. */
export function createInMemoryRangeReader(log: InMemoryLog, onRecord: () => void = () => {}): RangeReader {
  return {
    throttleTimeMs: 0,
    readRange: (request) => new Read(log, request, onRecord),
    close: async () => {},
  };
}

class Read implements RangeRead {
  readonly #log: InMemoryLog;
  readonly #request: ReadRequest;
  readonly #onRecord: () => void;
  #isBegun = false;
  position: bigint;
  counts: RangeCounts = NO_COUNTS;
  readonly leaderEpoch = 0;

  constructor(log: InMemoryLog, request: ReadRequest, onRecord: () => void) {
    this.#log = log;
    this.#request = request;
    this.#onRecord = onRecord;
    this.position = request.range.fromOffset;
  }

  batches(): AsyncGenerator<RecordBatch, void, undefined> {
    if (this.#isBegun) {
      throw new ConfigurationError(READ_ONCE);
    }
    this.#isBegun = true;
    return this.#read();
  }

  async *#read(): AsyncGenerator<RecordBatch, void, undefined> {
    const { range, signal } = this.#request;
    for (const stored of storedBatches(this.#log)) {
      const inside = stored.filter(({ offset }) => range.fromOffset <= offset && offset < range.untilOffset);
      const last = inside.at(-1);
      if (last !== undefined) {
        signal?.throwIfAborted();
        const visible = inside.filter(({ isAborted }) => !isAborted);
        this.#count(inside.length - visible.length, visible);
        this.position = last.offset + 1n;
        if (visible.length > 0) {
          yield new Batch(visible, this.position, this.#onRecord);
        }
      }
    }
    signal?.throwIfAborted();
    this.position = range.untilOffset;
  }

  async *records(): AsyncGenerator<KafkaRecord, void, undefined> {
    for await (const batch of this.batches()) {
      yield* batch;
    }
  }

  #count(aborted: number, visible: readonly KafkaRecord[]): void {
    this.counts = {
      ...this.counts,
      delivered: this.counts.delivered + BigInt(visible.length),
      aborted: this.counts.aborted + BigInt(aborted),
      bytes: this.counts.bytes + BigInt(visible.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)),
    };
  }
}

/** As Kafka keeps them: all records of a batch are aborted, or none is. */
function* storedBatches({ records, recordsPerBatch }: InMemoryLog): Generator<InMemoryLog["records"], void, undefined> {
  let batch: InMemoryLog["records"][number][] = [];
  for (const record of records) {
    const [first] = batch;
    if (first !== undefined && (batch.length === recordsPerBatch || first.isAborted !== record.isAborted)) {
      yield batch;
      batch = [];
    }
    batch.push(record);
  }
  yield batch;
}

class Batch implements RecordBatch {
  readonly #records: readonly KafkaRecord[];
  readonly #onRecord: () => void;
  readonly untilOffset: bigint;

  constructor(records: readonly KafkaRecord[], untilOffset: bigint, onRecord: () => void) {
    this.#records = records;
    this.untilOffset = untilOffset;
    this.#onRecord = onRecord;
  }

  get count(): number {
    return this.#records.length;
  }

  countBelow(offset: bigint): number {
    return this.#records.filter((record) => record.offset < offset).length;
  }

  *[Symbol.iterator](): Generator<KafkaRecord, void, undefined> {
    for (const record of this.#records) {
      this.#onRecord();
      yield new AccessedRecord(record);
    }
  }
}
