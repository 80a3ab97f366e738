// Fetch v13
//
// Request  => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch
//             [topics] [forgotten_topics] rack_id TAGS
//   topics     => topic_id [partitions] TAGS
//   partitions => partition current_leader_epoch fetch_offset last_fetched_epoch log_start_offset
//                 partition_max_bytes TAGS
// Response => throttle_time_ms error_code session_id [topics] TAGS
//   topics     => topic_id [partitions] TAGS
//   partitions => partition_index error_code high_watermark last_stable_offset log_start_offset
//                 [aborted_transactions] preferred_read_replica records? TAGS
//                 (tag 0: diverging epoch; tag 1: current leader)
//   aborted_transactions => producer_id first_offset TAGS
//
// Always one partition, and a full fetch: session id 0 with epoch −1 takes no
// place in the broker's session cache and is never answered from a stale one.

import type { IsolationLevel } from "../../core/source/offset-source.ts";
import type { AbortedTransaction } from "../records/abort-filter.ts";
import type { ApiCall } from "./api-call.ts";
import { isolationByte } from "./isolation-byte.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

const NO_SESSION_ID = 0;
const NO_SESSION_EPOCH = -1;
const NO_RECORDS = Buffer.alloc(0);

export interface FetchRequest {
  readonly topicId: string;
  readonly partition: number;
  /** The leader's epoch as we know it, so that a stale leader refuses; −1 when unknown. */
  readonly leaderEpoch: number;
  readonly fetchOffset: bigint;
  /** Leader epoch of the batch before `fetchOffset`; −1 when unknown. A log that lost it answers `divergingEpoch`. */
  readonly lastFetchedEpoch: number;
  readonly isolationLevel: IsolationLevel;
  readonly maxWaitMs: number;
  /** What the broker waits for, up to `maxWaitMs`. */
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Empty: fetch from the leader only. */
  readonly rackId: string;
}

export interface FetchedPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStartOffset: bigint;
  readonly abortedTransactions: readonly AbortedTransaction[];
  /** Node id of a closer replica; −1 when the leader itself is meant. */
  readonly preferredReadReplica: number;
  /** Whole record batches, the last of which may be cut off. */
  readonly records: Buffer;
  readonly divergingEpoch?: { readonly epoch: number; readonly endOffset: bigint };
}

export interface FetchResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** Absent when the broker answered for none. */
  readonly partition: FetchedPartition | undefined;
}

export const fetchV13: ApiCall<FetchRequest, FetchResponse> = {
  name: "Fetch",
  apiKey: 1,
  apiVersion: 13,

  encode(request) {
    const writer = new WireWriter();
    writer.int32(-1).int32(request.maxWaitMs).int32(request.minBytes).int32(request.maxBytes);
    writer.int8(isolationByte(request.isolationLevel)).int32(NO_SESSION_ID).int32(NO_SESSION_EPOCH);
    writer.array([request], ({ topicId, partition, leaderEpoch, fetchOffset, lastFetchedEpoch, maxBytes }) => {
      writer.uuid(topicId).array([partition], () => {
        writer.int32(partition).int32(leaderEpoch).int64(fetchOffset).int32(lastFetchedEpoch);
        writer.int64(-1n).int32(maxBytes).tags(); // Only followers say where their log starts.
      });
      writer.tags();
    });
    return writer
      .array([], () => undefined)
      .string(request.rackId)
      .tags()
      .finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const throttleTimeMs = reader.int32();
    const errorCode = reader.int16();
    reader.int32(); // Session id.
    const partitions = reader.array(() => readTopic(reader)).flat();
    reader.skipTags();
    return { throttleTimeMs, errorCode, partition: partitions[0] };
  },
};

function readTopic(reader: WireReader): FetchedPartition[] {
  const topicId = reader.uuid();
  const partitions = reader.array(() => readPartition(reader, topicId));
  reader.skipTags();
  return partitions;
}

function readPartition(reader: WireReader, topicId: string): FetchedPartition {
  const partition = {
    topicId,
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    logStartOffset: reader.int64(),
    abortedTransactions: reader.array(() => readAbortedTransaction(reader)),
    preferredReadReplica: reader.int32(),
    records: reader.nullableBytes() ?? NO_RECORDS,
  };
  let diverging: Pick<FetchedPartition, "divergingEpoch"> = {};
  reader.tags((tag) => {
    if (tag === 0) {
      diverging = { divergingEpoch: { epoch: reader.int32(), endOffset: reader.int64() } };
    }
  });
  return { ...partition, ...diverging };
}

function readAbortedTransaction(reader: WireReader): AbortedTransaction {
  const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
  reader.skipTags();
  return transaction;
}
