// Schema registry: where the schemas are that records were written with, and how a record says which one is its own.

import type { RecordPart } from "../core/decode/deserializer.ts";

/** As Confluent names them; the formats that a registry here has. */
export type SchemaFormat = "AVRO" | "JSON" | "PROTOBUF";

/** A schema that another one refers to. */
export interface ReferredSchema {
  /** By which it is referred to: an import of Protobuf, a full name of Avro, a `$ref` of JSON Schema. */
  readonly name: string;
  /** JSON, or a .proto file. */
  readonly text: string;
}

/** A schema as a registry has it. */
export interface RegisteredSchema {
  /** What it is a schema of. */
  readonly format: SchemaFormat;
  /** JSON, or a .proto file. */
  readonly text: string;
  /** What it refers to, directly or not: each after those that it refers to itself. */
  readonly references: readonly ReferredSchema[];
  /** Which one it is, for messages: "schema 7 of https://registry.example". @default - none that is told */
  readonly origin?: string;
}

/** Which message of a Protobuf schema a payload is. */
export type MessageChoice =
  /** By its place among the messages of the file, then among those of that message, and so on. */
  | { readonly path: readonly number[] }
  /** By its place among all messages of the file, in the order of their full names. */
  | { readonly ordinal: number };

/** A payload, and what its frame says of it. */
export interface Framed {
  /** Of its schema, in the registry's own words. */
  readonly id: string;
  /** What is behind the frame, inflated. */
  readonly payload: Buffer;
  /** Of a Protobuf payload. */
  readonly message?: MessageChoice;
}

/** Where schemas are kept, and how its serializers frame what they write. */
export interface SchemaRegistry {
  /** Takes the frame off a key or a value. Throws UndecodableError where it has none. */
  unframe(bytes: Buffer, part: RecordPart, format: SchemaFormat): Framed;
  /**
   * Rejects with UndecodableError for an id that the registry does not know, with UnusableSchemaError for a schema that
   * nothing can be made of, and with SchemaRegistryError where the registry is down.
   */
  fetchSchema(id: string): Promise<RegisteredSchema>;
}

/** By their texts: a schema that a registry has by two ids is one. */
export function isSameSchema(one: RegisteredSchema, other: RegisteredSchema): boolean {
  return (
    one === other || (one.text === other.text && JSON.stringify(one.references) === JSON.stringify(other.references))
  );
}
