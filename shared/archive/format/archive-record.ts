import type { TimestampType } from "../../core/source/range-reader.ts";
import type { DecodedPayload, SchemaPayload } from "../../schemas/schema-payload.ts";

/** What an archive keeps of one record: a Kafka record is one, and so is what code makes of it. */
export interface ArchiveRecord {
  /** Absent in what code has made. */
  readonly offset?: bigint;
  /** Milliseconds since the epoch; where it is absent, or no time that a calendar has, the time of planning takes its place. */
  readonly timestamp?: bigint;
  /** Who gave it the timestamp. */
  readonly timestampType?: TimestampType;
  readonly key?: Uint8Array | string | null;
  /** Null in a tombstone. */
  readonly value: Uint8Array | string | null;
  /** In the order written, duplicate keys kept. */
  readonly headers?: readonly ArchiveHeader[];
  /** The value as `avroPayload` decodes it, for the formats that go by its schema; null in a tombstone. */
  readonly avro?: SchemaPayload | null;
  /** The same, as `protobufPayload` decodes it. */
  readonly protobuf?: DecodedPayload | null;
  /** The same, as `jsonSchemaPayload` decodes it. */
  readonly jsonSchema?: DecodedPayload | null;
}

/** One header of a record. */
export interface ArchiveHeader {
  readonly key: string;
  /** Null where the producer gave none. */
  readonly value: Uint8Array | string | null;
}

/** A view where it is bytes, UTF-8 where it is text. */
export function bytesOf(content: Uint8Array | string): Buffer {
  if (typeof content === "string") {
    return Buffer.from(content);
  }
  return Buffer.isBuffer(content) ? content : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
