// Decoding of keys and values: `kafka-offset-ranges/deserializers`. The formats with a library of their own have their own entries.

export { SchemaRegistryError, UndecodableError, UnusableSchemaError } from "../../shared/core/decode/decode-errors.ts";
export type { Deserializer, RecordPart } from "../../shared/core/decode/deserializer.ts";
export { bytes, type JsonOptions, json, string } from "../../shared/schemas/plain/plain-deserializers.ts";
export type {
  Framed,
  MessageChoice,
  ReferredSchema,
  RegisteredSchema,
  SchemaFormat,
  SchemaRegistry,
} from "../../shared/schemas/schema-registry.ts";
export {
  type ConfluentRegistryOptions,
  confluentRegistry,
  type RegistryTlsOptions,
} from "../deserializers/confluent-registry.ts";
export { type GlueRegistryOptions, glueRegistry } from "../deserializers/glue-registry.ts";
export { registryTls } from "../deserializers/registry-tls.ts";
