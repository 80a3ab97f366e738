// Kafka range reader
//
// The adapter of core's RangeReader: one connection to the partition's leader, one
// fetch in flight, the next one asked for before the present one is decoded.

import { ConfigurationError } from "../../core/errors.ts";
import { type OffsetRange, offsetRangeFault } from "../../core/range/offset-range.ts";
import type { RangeCounts } from "../../core/range/range-record.ts";
import {
  type KafkaRecord,
  type RangeRead,
  type RangeReader,
  READ_ONCE,
  type ReadRequest,
  type RecordBatch,
} from "../../core/source/range-reader.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { type KafkaOptions, requireNotNegative, requirePositive } from "../connection/kafka-options.ts";
import {
  FETCH_MAX_BYTES,
  FETCH_MAX_WAIT_MS,
  FETCH_MIN_BYTES,
  MAX_DECOMPRESSED_BATCH_BYTES,
  PROGRESS_TIMEOUT_MS,
} from "../limits.ts";
import { AbortFilter } from "../records/abort-filter.ts";
import type { FetchedBatches } from "./fetched-batches.ts";
import { LeaderSession } from "./leader-session.ts";
import { type FetcherRules, PartitionFetcher } from "./partition-fetcher.ts";
import { type ProgressRules, RangeProgress } from "./range-progress.ts";

/** How to reach a cluster, and how much to hold of what is read. */
export interface KafkaReaderOptions extends KafkaOptions {
  /**
   * Asked for per fetch; two are in hand at most. A larger record batch still comes whole.
   * @default 1048576
   */
  readonly fetchMaxBytes?: number;
  /**
   * How much the broker waits for before it answers a fetch, up to `fetchMaxWaitMs`; the first fetch of a range waits for
   * nothing.
   * @default 1
   */
  readonly fetchMinBytes?: number;
  /**
   * How long the broker may hold a fetch that has less.
   * @default 500
   */
  readonly fetchMaxWaitMs?: number;
  /**
   * How long the position may stand still.
   * @default 30000
   */
  readonly progressTimeoutMs?: number;
  /**
   * What one record batch may expand to.
   * @default 268435456
   */
  readonly maxDecompressedBatchBytes?: number;
  /**
   * Whether an offset without a visible record is an error (DataLossError): compaction, transactions.
   * @default false
   */
  readonly requireConsecutiveOffsets?: boolean;
  /**
   * Where the reader runs, as the brokers' `broker.rack` names it: the leader may then name a closer replica to
   * fetch from (its `replica.selector.class`). A function is called once, by the first read.
   * @default none: the leader only
   */
  readonly rackId?: string | (() => Promise<string>);
}

/** A reader that may have several users at a time. */
export interface KafkaRangeReader extends RangeReader {
  /** The same reader for one user: over the same connections, with that user's `throttleTimeMs`. */
  apart(): RangeReader;
}

/** Connects when the first range is read. Throws ConfigurationError for options that cannot work. */
export function createKafkaRangeReader(options: KafkaReaderOptions): KafkaRangeReader {
  const cluster = openCluster(options);
  const rules = {
    fetchMaxBytes: requirePositive("fetchMaxBytes", options.fetchMaxBytes ?? FETCH_MAX_BYTES),
    fetchMinBytes: requireNotNegative("fetchMinBytes", options.fetchMinBytes ?? FETCH_MIN_BYTES),
    fetchMaxWaitMs: requireNotNegative("fetchMaxWaitMs", options.fetchMaxWaitMs ?? FETCH_MAX_WAIT_MS),
    progressTimeoutMs: requirePositive("progressTimeoutMs", options.progressTimeoutMs ?? PROGRESS_TIMEOUT_MS),
    maxDecompressedBatchBytes: requirePositive(
      "maxDecompressedBatchBytes",
      options.maxDecompressedBatchBytes ?? MAX_DECOMPRESSED_BATCH_BYTES,
    ),
    requireConsecutiveOffsets: options.requireConsecutiveOffsets ?? false,
    findRackId: rackFinder(options.rackId ?? ""),
  };
  return Object.assign(readerOf(cluster, rules), { apart: () => readerOf(cluster.apart(), rules) });
}

function readerOf(cluster: Cluster, rules: ReadRules): RangeReader {
  return {
    readRange: (request) => new KafkaRangeRead(cluster, request, rules),
    get throttleTimeMs() {
      return cluster.throttle.totalMs;
    },
    close: async () => cluster.close(),
  };
}

function rackFinder(rackId: string | (() => Promise<string>)): () => Promise<string> {
  return typeof rackId === "string" ? async () => rackId : rackId;
}

interface ReadRules extends Omit<FetcherRules, "rackId">, ProgressRules {
  readonly findRackId: () => Promise<string>;
}

class KafkaRangeRead implements RangeRead {
  readonly #cluster: Cluster;
  readonly #request: ReadRequest;
  readonly #rules: ReadRules;
  readonly #progress: RangeProgress;
  #isStarted = false;

  constructor(cluster: Cluster, request: ReadRequest, rules: ReadRules) {
    requireReadable(request.range);
    this.#cluster = cluster;
    this.#request = request;
    this.#rules = rules;
    this.#progress = new RangeProgress(request.range, rules);
  }

  get position(): bigint {
    return this.#progress.position;
  }

  get counts(): RangeCounts {
    return this.#progress.counts;
  }

  get leaderEpoch(): number | undefined {
    return this.#progress.leaderEpoch;
  }

  batches(): AsyncIterable<RecordBatch> {
    if (this.#isStarted) {
      throw new ConfigurationError(READ_ONCE);
    }
    this.#isStarted = true;
    return this.#read();
  }

  records(): AsyncIterable<KafkaRecord> {
    return flatten(this.batches());
  }

  async *#read(): AsyncGenerator<RecordBatch, void, undefined> {
    const { range, signal, previousLeaderEpoch = -1 } = this.#request;
    signal?.throwIfAborted();
    if (range.fromOffset === range.untilOffset) {
      return;
    }
    const rackId = await this.#rules.findRackId();
    const session = new LeaderSession(this.#cluster, this.#request);
    const fetcher = new PartitionFetcher(session, this.#request, { ...this.#rules, rackId });
    let pending: Promise<FetchedBatches> | undefined = fetcher.fetch({ offset: range.fromOffset, previousLeaderEpoch });
    try {
      while (pending !== undefined) {
        const fetched: FetchedBatches = await pending;
        pending = fetched.next.offset < range.untilOffset ? fetchAhead(fetcher, fetched) : undefined;
        // Delegating by `yield*` would await each batch once more.
        for (const batch of this.#decode(fetched)) {
          yield batch;
        }
      }
      this.#progress.finish();
    } finally {
      session.close(pending === undefined);
    }
  }

  *#decode({ headers, abortedTransactions }: FetchedBatches): Generator<RecordBatch, void, undefined> {
    const { range, signal, isolationLevel } = this.#request;
    const filter = isolationLevel === "read_committed" ? new AbortFilter(abortedTransactions) : undefined;
    for (const header of headers) {
      signal?.throwIfAborted();
      if (header.baseOffset >= range.untilOffset) {
        this.#progress.passEnd(header);
        return;
      }
      const batch = this.#progress.pass(header, filter);
      if (batch !== undefined) {
        yield batch;
      }
    }
  }
}

/** Throws ConfigurationError that names the field: a range may be anybody's. */
function requireReadable(range: OffsetRange): void {
  const fault = offsetRangeFault(range);
  if (fault !== undefined) {
    throw new ConfigurationError(
      `the range cannot be read: ${fault}; expected 0 <= fromOffset <= untilOffset, as bigints, of a topic and partition`,
    );
  }
}

/** Its failure belongs to whoever takes it next; until then it must not count as unhandled. */
function fetchAhead(fetcher: PartitionFetcher, { next }: FetchedBatches): Promise<FetchedBatches> {
  const pending = fetcher.fetch(next);
  pending.catch(() => undefined);
  return pending;
}

async function* flatten(batches: AsyncIterable<RecordBatch>): AsyncGenerator<KafkaRecord, void, undefined> {
  for await (const batch of batches) {
    yield* batch;
  }
}
