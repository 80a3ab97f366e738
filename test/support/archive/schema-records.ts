// Records whose values have a schema of Protobuf or JSON Schema, as the package's own deserializers decode them.

import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import { jsonSchemaPayload } from "../../../shared/schemas/json-schema/json-schema-payload.ts";
import { parseFile } from "../../../shared/schemas/protobuf/message-types.ts";
import { protobufPayload } from "../../../shared/schemas/protobuf/protobuf-payload.ts";
import type { ReferredSchema } from "../../../shared/schemas/schema-registry.ts";
import { aPart, createMemoryRegistry, framed } from "../schemas/memory-registry.ts";

/** A deserializer's work for one schema, whose records may be many. */
export interface SchemaWriter {
  /** Of a value as the format's library takes it. */
  readonly record: (offset: bigint, value: unknown) => Promise<ArchiveRecord>;
}

/** The first message of a .proto file, without its first line. */
export function aProtobufWriter(messages: string, references: readonly ReferredSchema[] = []): SchemaWriter {
  const text = `syntax = "proto3";${messages}`;
  const schema = { format: "PROTOBUF", text, references } as const;
  const [type] = parseFile(schema).messages;
  if (type === undefined) {
    throw new TypeError("the file has no message");
  }
  const deserializer = protobufPayload({ registry: createMemoryRegistry(() => schema) });
  return {
    async record(offset, value) {
      const bytes = Buffer.isBuffer(value) ? value : type.encode(type.fromObject(value as object)).finish();
      const protobuf = await deserializer.deserialize(framed(Buffer.from(bytes), [0]), aPart());
      return { offset, timestamp: 1_800_000_000_000n + offset, value: null, protobuf };
    },
  };
}

/** Values are JSON text, or what becomes it. */
export function aJsonSchemaWriter(schema: unknown, references: readonly ReferredSchema[] = []): SchemaWriter {
  const text = JSON.stringify(schema);
  const registry = createMemoryRegistry(() => ({ format: "JSON", text, references }));
  const deserializer = jsonSchemaPayload({ registry });
  return {
    async record(offset, value) {
      const json = typeof value === "string" ? value : JSON.stringify(value);
      const jsonSchema = await deserializer.deserialize(framed(Buffer.from(json)), aPart());
      return { offset, timestamp: 1_800_000_000_000n + offset, value: null, jsonSchema };
    },
  };
}
