// SaslAuthenticate v1
//
// Request  => auth_bytes
// Response => error_code error_message? auth_bytes session_lifetime_ms
//
// The bytes have their length in front of them, 32 bits. kafkajs's mechanisms write and read them with it.
// A refusal in the form of another version may end behind its words.

import { WireReader } from "../wire-reader.ts";
import type { SessionCall } from "./session-call.ts";

const LENGTH_BYTES = 4;
const NO_BYTES = Buffer.alloc(LENGTH_BYTES);

export interface SaslAuthenticateResponse {
  readonly errorCode: number;
  /** Null or empty where the broker does not say why. */
  readonly errorMessage: string | null;
  /** With their length in front. */
  readonly sizedBytes: Buffer;
  /** How long the session lasts before it has to be renewed on the same connection (KIP-368); 0 for no end. */
  readonly sessionLifetimeMs: number;
}

/** Asked with the bytes and their length in front. */
export const saslAuthenticateV1: SessionCall<Buffer, SaslAuthenticateResponse> = {
  name: "SaslAuthenticate",
  apiKey: 36,
  apiVersion: 1,

  encode(sizedBytes) {
    return sizedBytes;
  },

  decode(body) {
    const reader = new WireReader(body);
    const errorCode = reader.int16();
    const messageLength = reader.int16();
    const errorMessage = messageLength < 0 ? null : reader.bytes(messageLength).toString("utf8");
    if (errorCode !== 0) {
      return { errorCode, errorMessage, sizedBytes: NO_BYTES, sessionLifetimeMs: 0 };
    }
    const at = reader.position;
    reader.bytes(Math.max(reader.int32(), 0));
    const sizedBytes = body.subarray(at, Math.max(reader.position, at + LENGTH_BYTES));
    return { errorCode, errorMessage, sizedBytes, sessionLifetimeMs: Number(reader.int64()) };
  },
};
