// Glue frame
//
// What the serializers of AWS Glue Schema Registry put in front of a value.
//
//   3 COMPRESSION UUID payload      COMPRESSION is 0, or 5: the payload is in zlib's format
//   payload of Protobuf := ORDINAL message, an unsigned varint

import { inflateSync } from "node:zlib";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import { FrameReader } from "../frame-reader.ts";
import { MAX_INFLATED_BYTES } from "../limits.ts";
import type { Framed, SchemaFormat } from "../schema-registry.ts";

const VERSION = 3;
const UNCOMPRESSED = 0;
const ZLIB = 5;

/** The id is a UUID. Throws UndecodableError, also where it would inflate to more than MAX_INFLATED_BYTES. */
export function readGlueFrame(bytes: Buffer, format: SchemaFormat): Framed {
  const frame = new FrameReader(bytes);
  const version = frame.byte();
  if (version !== VERSION) {
    throw new UndecodableError(
      `its first byte is ${version}; expected ${VERSION}, with which AWS Glue's serializers begin: was it written by one?`,
    );
  }
  const compression = frame.byte();
  const id = frame.uuid();
  const payload = inflate(frame.rest, compression);
  if (format !== "PROTOBUF") {
    return { id, payload };
  }
  const reader = new FrameReader(payload);
  const ordinal = reader.varint();
  return { id, payload: reader.rest, message: { ordinal } };
}

function inflate(bytes: Buffer, compression: number): Buffer {
  if (compression === UNCOMPRESSED) {
    return bytes;
  }
  if (compression !== ZLIB) {
    throw new UndecodableError(`it is compressed by ${compression}; expected ${UNCOMPRESSED}, or ${ZLIB} for zlib`);
  }
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (cause) {
    throw new UndecodableError(
      `it cannot be inflated to at most ${MAX_INFLATED_BYTES} bytes: ${(cause as Error).message}`, // zlib throws errors only.
      { cause },
    );
  }
}
