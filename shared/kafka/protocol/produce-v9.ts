// Produce v9
//
// Request  => transactional_id? acks timeout_ms [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => index records TAGS                       (records: one batch, as compact bytes)
// Response => [topics] throttle_time_ms TAGS
//   topics     => name [partitions] TAGS
//   partitions => index error_code base_offset log_append_time_ms log_start_offset [record_errors] error_message? TAGS
//   record_errors => batch_index batch_index_error_message? TAGS

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ApiCall } from "./api-call.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** Every replica that is in sync has it. */
const ALL_REPLICAS = -1;

export interface ProduceRequest extends TopicPartition {
  /** How long the leader waits for its replicas. */
  readonly timeoutMs: number;
  /** One record batch. */
  readonly batch: Uint8Array;
}

export interface ProduceResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** Of the batch's first record; −1 where it was not taken. */
  readonly baseOffset: bigint;
  readonly errorMessage: string | null;
}

export const produceV9: ApiCall<ProduceRequest, ProduceResponse> = {
  name: "Produce",
  apiKey: 0,
  apiVersion: 9,

  encode({ topic, partition, timeoutMs, batch }) {
    const writer = new WireWriter();
    writer.uvarint(0); // No transactional id.
    writer.int16(ALL_REPLICAS).int32(timeoutMs);
    writer.array([topic], (name) => {
      writer.string(name);
      writer.array([partition], (index) =>
        writer
          .int32(index)
          .uvarint(batch.length + 1)
          .bytes(batch)
          .tags(),
      );
      writer.tags();
    });
    return writer.tags().finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const [answer] = reader.array(() => readTopic(reader)).flat();
    const throttleTimeMs = reader.int32();
    reader.skipTags();
    return { throttleTimeMs, ...(answer ?? NOT_ANSWERED) };
  },
};

type Answer = Omit<ProduceResponse, "throttleTimeMs">;

/** As if of an unknown partition: the broker says nothing of what was asked. */
const NOT_ANSWERED: Answer = { errorCode: 3, baseOffset: -1n, errorMessage: null };

function readTopic(reader: WireReader): Answer[] {
  reader.string(); // Name.
  const answers = reader.array(() => {
    reader.int32(); // Index.
    const errorCode = reader.int16();
    const baseOffset = reader.int64();
    reader.int64(); // Log append time.
    reader.int64(); // Log start offset.
    reader.array(() => {
      reader.int32(); // Index in the batch.
      reader.nullableString();
      reader.skipTags();
    });
    const errorMessage = reader.nullableString();
    reader.skipTags();
    return { errorCode, baseOffset, errorMessage };
  });
  reader.skipTags();
  return answers;
}
