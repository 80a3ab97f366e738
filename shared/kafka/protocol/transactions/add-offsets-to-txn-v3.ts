// AddOffsetsToTxn v3
//
// Request  => transactional_id producer_id producer_epoch group_id TAGS
// Response => throttle_time_ms error_code TAGS

import type { ApiCall } from "../api-call.ts";
import { WireReader } from "../wire-reader.ts";
import { WireWriter } from "../wire-writer.ts";
import type { ProducerIdentity } from "./producer-identity.ts";

export interface AddOffsetsRequest extends ProducerIdentity {
  readonly groupId: string;
}

export interface AddOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

export const addOffsetsToTxnV3: ApiCall<AddOffsetsRequest, AddOffsetsResponse> = {
  name: "AddOffsetsToTxn",
  apiKey: 25,
  apiVersion: 3,

  encode: ({ transactionalId, producerId, producerEpoch, groupId }) =>
    new WireWriter().string(transactionalId).int64(producerId).int16(producerEpoch).string(groupId).tags().finish(),

  decode(body) {
    const reader = new WireReader(body);
    const response = { throttleTimeMs: reader.int32(), errorCode: reader.int16() };
    reader.skipTags();
    return response;
  },
};
