// Answer fetch
//
// A broker's answer to one fetch, with the record batches as bytes: whole ones as
// far as they fit, the first whatever its size, and maybe a part of the next.

import type { FetchedPartition, FetchRequest, FetchResponse } from "../../../shared/kafka/protocol/fetch-v13.ts";
import type { AbortedTransaction } from "../../../shared/kafka/records/abort-filter.ts";
import type { FakePartition, FakeTransaction, StoredOffset } from "../../support/kafka/fake-kafka-log.ts";
import { encodeBatch } from "../../support/records/record-batch-encoder.ts";
import { endOfEpoch, epochError, visibleEnd } from "./answer-lookups.ts";
import { type ServedPartition, type SimulatedCluster, TOPIC } from "./simulated-cluster.ts";

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_ID = 100;

export function answerFetch(cluster: SimulatedCluster, nodeId: number, request: FetchRequest): FetchResponse {
  const partition = cluster.log.partition({ topic: TOPIC, partition: request.partition });
  if (partition?.topicId !== request.topicId) {
    return respond(request, { errorCode: UNKNOWN_TOPIC_ID });
  }
  const served = cluster.servedBy(nodeId, partition);
  const errorCode = epochError(served, request.leaderEpoch);
  return served === undefined || errorCode !== 0
    ? respond(request, { errorCode })
    : serve(cluster, { partition, served, request });
}

interface Serving {
  readonly partition: FakePartition;
  readonly served: ServedPartition;
  readonly request: FetchRequest;
}

function serve(cluster: SimulatedCluster, serving: Serving): FetchResponse {
  const { partition, served, request } = serving;
  const { fetchOffset, lastFetchedEpoch, isolationLevel } = request;
  const epoch = lastFetchedEpoch < 0 ? undefined : endOfEpoch(partition, lastFetchedEpoch);
  const bounds = {
    highWatermark: served.highWatermark,
    lastStableOffset: visibleEnd(partition, served, "read_committed"),
    logStartOffset: partition.beginningOffset,
  };
  if (epoch?.endOffset === -1n || fetchOffset < partition.beginningOffset || fetchOffset > served.end) {
    return respond(request, { ...bounds, errorCode: OFFSET_OUT_OF_RANGE });
  }
  if (epoch !== undefined && (epoch.leaderEpoch < lastFetchedEpoch || epoch.endOffset < fetchOffset)) {
    return respond(request, { ...bounds, divergingEpoch: { epoch: epoch.leaderEpoch, endOffset: epoch.endOffset } });
  }
  const until = isolationLevel === "read_committed" ? bounds.lastStableOffset : bounds.highWatermark;
  return respond(request, {
    ...bounds,
    records: recordsOf(cluster, serving, until),
    abortedTransactions: isolationLevel === "read_committed" ? abortedIn(partition, fetchOffset, until) : [],
  });
}

function respond({ topicId, partition }: FetchRequest, answer: Partial<FetchedPartition>): FetchResponse {
  const nothing = {
    errorCode: 0,
    highWatermark: -1n,
    lastStableOffset: -1n,
    logStartOffset: -1n,
    abortedTransactions: [],
    preferredReadReplica: -1,
    records: Buffer.alloc(0),
  };
  return { throttleTimeMs: 0, errorCode: 0, partition: { topicId, partition, ...nothing, ...answer } };
}

/** From the batch that holds the fetch offset, or the first one after it. */
function recordsOf(cluster: SimulatedCluster, { partition, request }: Serving, until: bigint): Buffer {
  const parts: Buffer[] = [];
  let left = request.maxBytes;
  for (const batch of batchesFrom(partition.stored, Number(request.fetchOffset), Number(until))) {
    const bytes = bytesOf(cluster, batch);
    if (parts.length > 0 && bytes.length > left) {
      parts.push(bytes.subarray(0, Math.max(left, 0)));
      break;
    }
    void (bytes.length > 0 ? parts.push(bytes) : undefined);
    left -= bytes.length;
  }
  return Buffer.concat(parts);
}

function* batchesFrom(
  stored: readonly StoredOffset[],
  from: number,
  until: number,
): Generator<readonly StoredOffset[]> {
  let start = from;
  while (start > 0 && start < until && stored[start - 1]?.batch === stored[start]?.batch) {
    start -= 1;
  }
  while (start < until) {
    let end = start + 1;
    while (stored[end]?.batch === stored[start]?.batch && end < stored.length) {
      end += 1;
    }
    yield stored.slice(start, end);
    start = end;
  }
}

/** Empty for a batch of which compaction left nothing. */
function bytesOf(cluster: SimulatedCluster, batch: readonly StoredOffset[]): Buffer {
  const [first] = batch;
  if (first === undefined) {
    return Buffer.alloc(0);
  }
  const known = cluster.encoded.get(first.batch);
  const bytes = known ?? encode(first, batch);
  cluster.encoded.set(first.batch, bytes);
  return bytes;
}

function encode(first: StoredOffset, batch: readonly StoredOffset[]): Buffer {
  const { offset: baseOffset, leaderEpoch, transaction, timestamp } = first;
  const records = batch
    .filter(({ kind }) => kind !== "absent")
    .map(({ offset, kind, value }) => ({
      offsetDelta: Number(offset - baseOffset),
      ...(kind === "marker" ? { key: markerKey(transaction) } : { value: Buffer.from(value) }),
    }));
  if (records.length === 0) {
    return Buffer.alloc(0);
  }
  return encodeBatch({
    baseOffset,
    records,
    lastOffsetDelta: batch.length - 1,
    leaderEpoch,
    baseTimestamp: timestamp,
    isControl: first.kind === "marker",
    ...(transaction === undefined ? {} : { isTransactional: true, producerId: transaction.producerId }),
  });
}

function markerKey(transaction: FakeTransaction | undefined): Buffer {
  return Buffer.from([0, 0, 0, transaction?.state === "committed" ? 1 : 0]);
}

/** As the broker's index has them: in the order in which they ended. */
function abortedIn({ stored }: FakePartition, fetchOffset: bigint, until: bigint): readonly AbortedTransaction[] {
  const first = new Map<FakeTransaction, bigint>();
  const aborted: AbortedTransaction[] = [];
  for (const { offset, kind, transaction } of stored) {
    if (transaction === undefined) {
      continue;
    }
    const firstOffset = first.get(transaction) ?? offset;
    first.set(transaction, firstOffset);
    if (kind === "marker" && transaction.state === "aborted" && offset >= fetchOffset && firstOffset < until) {
      aborted.push({ producerId: transaction.producerId, firstOffset });
    }
  }
  return aborted;
}
