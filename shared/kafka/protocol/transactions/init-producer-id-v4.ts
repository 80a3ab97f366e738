// InitProducerId v4
//
// Request  => transactional_id? transaction_timeout_ms producer_id producer_epoch TAGS
// Response => throttle_time_ms error_code producer_id producer_epoch TAGS
//
// Without an identity of before, so that the broker raises the epoch whatever it was: earlier
// incarnations are fenced, and what they had open is aborted.

import type { ApiCall } from "../api-call.ts";
import { WireReader } from "../wire-reader.ts";
import { WireWriter } from "../wire-writer.ts";

const NO_PRODUCER_ID = -1n;
const NO_PRODUCER_EPOCH = -1;

export interface InitProducerIdRequest {
  readonly transactionalId: string;
  /** After which the broker aborts a transaction, since it began. */
  readonly transactionTimeoutMs: number;
}

export interface InitProducerIdResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export const initProducerIdV4: ApiCall<InitProducerIdRequest, InitProducerIdResponse> = {
  name: "InitProducerId",
  apiKey: 22,
  apiVersion: 4,

  encode: ({ transactionalId, transactionTimeoutMs }) =>
    new WireWriter()
      .nullableString(transactionalId)
      .int32(transactionTimeoutMs)
      .int64(NO_PRODUCER_ID)
      .int16(NO_PRODUCER_EPOCH)
      .tags()
      .finish(),

  decode(body) {
    const reader = new WireReader(body);
    const response = {
      throttleTimeMs: reader.int32(),
      errorCode: reader.int16(),
      producerId: reader.int64(),
      producerEpoch: reader.int16(),
    };
    reader.skipTags();
    return response;
  },
};
