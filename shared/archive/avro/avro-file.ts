// Avro file
//
// Records as an Avro object container file: https://avro.apache.org/docs/1.12.0/specification/#object-container-files
//
//   AVF1  The schema is that of the object's first record. A payload of the same schema is copied as it
//         is; one of another is resolved to it and encoded anew.
//   AVF2  The marker between blocks is made of the schema and the first record: another attempt
//         makes the same file (ACF1).

import { createHash } from "node:crypto";
import { promisify } from "node:util";
import zlib from "node:zlib";
import avsc from "avsc";
import { oneOf, requireOptions } from "../../core/options/require-options.ts";
import { isSameSchema, type RegisteredSchema } from "../../schemas/schema-registry.ts";
import type { ArchiveFormat, ContentDigest, ContentSink, ObjectEncoder } from "../format/archive-format.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { FirstRecordEncoder } from "../format/first-record-encoder.ts";
import { AVRO_BLOCK_BYTES } from "../format/limits.ts";
import { refusing, requirePayload } from "../format/refuse-record.ts";
import { Resolving, shapeOf } from "./avro-schemas.ts";

/** What compresses the blocks of a file. */
export type AvroCompression = "deflate" | "none" | "zstd";

/** How an Avro file is written. */
export interface AvroFileOptions {
  /** Each reader of Avro knows deflate; zstd is smaller, and an extension that most know. @default "deflate" */
  readonly compression?: AvroCompression;
}

interface Codec {
  /** As a file's header names it. */
  readonly name: string;
  readonly compress: (block: Buffer) => Promise<Buffer>;
}

const CODECS: Readonly<Record<AvroCompression, Codec>> = {
  deflate: { name: "deflate", compress: promisify<Buffer, Buffer>(zlib.deflateRaw) },
  none: { name: "null", compress: (block) => Promise.resolve(block) },
  zstd: { name: "zstandard", compress: promisify<Buffer, Buffer>(zlib.zstdCompress) },
};

/**
 * Avro container files of what `avroPayload` has decoded: the field `avro` of a record. An object's schema is that of its
 * first record; the others are resolved to it, and one that does not resolve is refused. Throws ConfigurationError.
 */
export function avroFile(options: AvroFileOptions = {}): ArchiveFormat {
  requireOptions("avroFile", options, { compression: oneOf(...Object.keys(CODECS)) });
  const codec = CODECS[options.compression ?? "deflate"];
  return {
    extension: "avro",
    contentType: "application/avro",
    open: (sink) => new FirstRecordEncoder((first) => new AvroFileEncoder(first, codec, sink)),
  };
}

const MAGIC = Buffer.from("Obj\x01");
const MARKER_BYTES = 16;
/** What a payload takes of memory beside its bytes: one may have none. */
const RECORD_OVERHEAD_BYTES = 64;
const LONG = avsc.Type.forSchema("long");
const METADATA = avsc.Type.forSchema({ type: "map", values: "bytes" });

class AvroFileEncoder implements ObjectEncoder {
  readonly #schema: RegisteredSchema;
  readonly #resolving: Resolving;
  readonly #codec: Codec;
  readonly #sink: ContentSink;
  readonly #marker: Buffer;
  readonly #digest = createHash("sha256");
  #header: Buffer | undefined;
  #payloads: Buffer[] = [];
  #bytes = 0;
  #records = 0;

  constructor(first: ArchiveRecord, codec: Codec, sink: ContentSink) {
    const { payload, schema } = requirePayload(first, "avro");
    this.#schema = schema;
    this.#resolving = new Resolving(schema, { decimals: "bytes" });
    this.#codec = codec;
    this.#sink = sink;
    const text = schemaText(schema);
    this.#digest.update(text);
    this.#marker = createHash("sha256")
      .update(`${text}\n${first.offset}\n${first.timestamp}\n`)
      .update(payload)
      .digest()
      .subarray(0, MARKER_BYTES);
    const metadata = { "avro.schema": Buffer.from(text), "avro.codec": Buffer.from(codec.name) };
    this.#header = Buffer.concat([MAGIC, METADATA.toBuffer(metadata), this.#marker]);
  }

  get bufferedBytes(): number {
    return this.#bytes;
  }

  check(record: ArchiveRecord): void {
    this.#payloadFor(record);
  }

  add(record: ArchiveRecord): Promise<void> | undefined {
    const payload = this.#payloadFor(record);
    // A view would hold all that was fetched with it.
    this.#payloads.push(Buffer.from(payload));
    this.#bytes += payload.length + RECORD_OVERHEAD_BYTES;
    this.#records += 1;
    return this.#bytes < AVRO_BLOCK_BYTES ? undefined : this.#writeBlock();
  }

  /** A block is small, and where it ends is not to depend on other objects. */
  spill(): Promise<void> {
    return Promise.resolve();
  }

  async finish(): Promise<ContentDigest> {
    await this.#writeBlock();
    return { records: this.#records, sha256: this.#digest.digest("base64") };
  }

  destroy(): void {
    this.#payloads = [];
  }

  #payloadFor(record: ArchiveRecord): Buffer {
    const { payload, schema } = requirePayload(record, "avro");
    if (isSameSchema(schema, this.#schema)) {
      return payload;
    }
    const value = this.#resolving.read(record);
    return refusing(record, "cannot be encoded by its object's schema", () => this.#resolving.type.toBuffer(value));
  }

  async #writeBlock(): Promise<void> {
    const count = this.#payloads.length;
    if (count === 0) {
      return;
    }
    const block = Buffer.concat(this.#payloads);
    this.#payloads = [];
    this.#bytes = 0;
    this.#digest.update(block);
    const content = await this.#codec.compress(block);
    const header = this.#header ?? Buffer.alloc(0);
    this.#header = undefined;
    const lengths = [LONG.toBuffer(count), LONG.toBuffer(content.length)];
    await this.#sink(Buffer.concat([header, ...lengths, content, this.#marker]));
  }
}

/** As the registry has it; with what it refers to in it, where it refers to others. */
function schemaText(schema: RegisteredSchema): string {
  return schema.references.length === 0 ? schema.text : JSON.stringify(shapeOf(schema).schema({ exportAttrs: true }));
}
