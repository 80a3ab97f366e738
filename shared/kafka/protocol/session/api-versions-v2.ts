// ApiVersions v2
//
// Request  => nothing
// Response => error_code [api_keys] throttle_time_ms
//   api_keys => api_key min_version max_version
//
// A broker that does not know the version answers UNSUPPORTED_VERSION in v0, which ends behind the api_keys.

import type { ApiVersions } from "../required-apis.ts";
import { WireReader } from "../wire-reader.ts";
import type { SessionCall } from "./session-call.ts";

export interface ApiVersionsResponse {
  readonly errorCode: number;
  /** By API key. */
  readonly versions: ApiVersions;
  readonly throttleTimeMs: number;
}

export const apiVersionsV2: SessionCall<undefined, ApiVersionsResponse> = {
  name: "ApiVersions",
  apiKey: 18,
  apiVersion: 2,

  encode() {
    return Buffer.alloc(0);
  },

  decode(body) {
    const reader = new WireReader(body);
    const errorCode = reader.int16();
    if (errorCode !== 0) {
      return { errorCode, versions: {}, throttleTimeMs: 0 };
    }
    const versions: Record<number, { readonly minVersion: number; readonly maxVersion: number }> = {};
    for (let left = reader.int32(); left > 0; left -= 1) {
      versions[reader.int16()] = { minVersion: reader.int16(), maxVersion: reader.int16() };
    }
    return { errorCode, versions, throttleTimeMs: reader.int32() };
  },
};
