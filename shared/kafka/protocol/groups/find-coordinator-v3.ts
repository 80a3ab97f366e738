// FindCoordinator v3
//
// Request  => key key_type TAGS                                (key_type 0: a group, 1: a transactional id)
// Response => throttle_time_ms error_code error_message? node_id host port TAGS

import type { ApiCall } from "../api-call.ts";
import { WireReader } from "../wire-reader.ts";
import { WireWriter } from "../wire-writer.ts";

const KEY_TYPES = { group: 0, transaction: 1 } as const;

export interface FindCoordinatorRequest {
  readonly keyType: keyof typeof KEY_TYPES;
  /** The group id or the transactional id. */
  readonly key: string;
}

export interface FindCoordinatorResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export const findCoordinatorV3: ApiCall<FindCoordinatorRequest, FindCoordinatorResponse> = {
  name: "FindCoordinator",
  apiKey: 10,
  apiVersion: 3,

  encode: ({ key, keyType }) => new WireWriter().string(key).int8(KEY_TYPES[keyType]).tags().finish(),

  decode(body) {
    const reader = new WireReader(body);
    const [throttleTimeMs, errorCode] = [reader.int32(), reader.int16()];
    reader.nullableString(); // Error message.
    const response = {
      throttleTimeMs,
      errorCode,
      nodeId: reader.int32(),
      host: reader.string(),
      port: reader.int32(),
    };
    reader.skipTags();
    return response;
  },
};
