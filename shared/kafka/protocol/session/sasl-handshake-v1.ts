// SaslHandshake v1
//
// Request  => mechanism
// Response => error_code [mechanisms]
//
// With this version, what the mechanism says travels in SaslAuthenticate.

import { WireReader } from "../wire-reader.ts";
import { WireWriter } from "../wire-writer.ts";
import type { SessionCall } from "./session-call.ts";

export interface SaslHandshakeRequest {
  /** In capitals, as Kafka's sasl.mechanism. */
  readonly mechanism: string;
}

export interface SaslHandshakeResponse {
  /** UNSUPPORTED_SASL_MECHANISM where the listener offers others, ILLEGAL_SASL_STATE where it wants no SASL. */
  readonly errorCode: number;
}

export const saslHandshakeV1: SessionCall<SaslHandshakeRequest, SaslHandshakeResponse> = {
  name: "SaslHandshake",
  apiKey: 17,
  apiVersion: 1,

  encode({ mechanism }) {
    const name = Buffer.from(mechanism);
    return new WireWriter().int16(name.length).bytes(name).finish();
  },

  decode(body) {
    return { errorCode: new WireReader(body).int16() };
  },
};
