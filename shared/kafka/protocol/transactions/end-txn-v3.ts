// EndTxn v3
//
// Request  => transactional_id producer_id producer_epoch committed TAGS
// Response => throttle_time_ms error_code TAGS

import type { ApiCall } from "../api-call.ts";
import { WireReader } from "../wire-reader.ts";
import { WireWriter } from "../wire-writer.ts";
import type { ProducerIdentity } from "./producer-identity.ts";

export interface EndTxnRequest extends ProducerIdentity {
  /** Otherwise it is aborted. */
  readonly isCommitted: boolean;
}

export interface EndTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

export const endTxnV3: ApiCall<EndTxnRequest, EndTxnResponse> = {
  name: "EndTxn",
  apiKey: 26,
  apiVersion: 3,

  encode: ({ transactionalId, producerId, producerEpoch, isCommitted }) =>
    new WireWriter()
      .string(transactionalId)
      .int64(producerId)
      .int16(producerEpoch)
      .boolean(isCommitted)
      .tags()
      .finish(),

  decode(body) {
    const reader = new WireReader(body);
    const response = { throttleTimeMs: reader.int32(), errorCode: reader.int16() };
    reader.skipTags();
    return response;
  },
};
