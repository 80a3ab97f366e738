// Registry deserializer: what Avro, Protobuf and JSON Schema have in common. A format only says what it makes of a schema.

import { SchemaRegistryError, UndecodableError } from "../core/decode/decode-errors.ts";
import type { Deserializer } from "../core/decode/deserializer.ts";
import { BatchProcessorError } from "../core/errors.ts";
import { SchemaCache } from "./schema-cache.ts";
import type { Framed, MessageChoice, RegisteredSchema, SchemaFormat, SchemaRegistry } from "./schema-registry.ts";

/** Reads payloads of one schema. What it throws is the payload's fault. */
export type ReadPayload<T> = (payload: Buffer, message: MessageChoice | undefined) => T;

export interface RegistryFormat<T> {
  readonly format: SchemaFormat;
  readonly registry: SchemaRegistry;
  /** What it throws is the schema's fault. */
  readonly compile: (schema: RegisteredSchema) => ReadPayload<T>;
}

export function registryDeserializer<T>({ format, registry, compile }: RegistryFormat<T>): Deserializer<T> {
  const readers = new SchemaCache(async (id) => {
    const schema = await fetchBy(registry, id);
    if (schema.format !== format) {
      throw new UndecodableError(`its schema ${id} is one of ${schema.format}; expected one of ${format}`);
    }
    return blaming(`its schema ${id} cannot be used`, () => compile(schema));
  });
  const read = (reader: ReadPayload<T>, { id, payload, message }: Framed) =>
    blaming(`it is none of its schema ${id}`, () => reader(payload, message));
  return {
    deserialize(bytes, part) {
      const framed = registry.unframe(bytes, part, format);
      const reader = readers.get(framed.id);
      return reader instanceof Promise ? reader.then((made) => read(made, framed)) : read(reader, framed);
    },
  };
}

/** Only what a registry says of the id is held against the record: a certificate that cannot be read is no record's fault. */
async function fetchBy(registry: SchemaRegistry, id: string): Promise<RegisteredSchema> {
  try {
    return await registry.fetchSchema(id);
  } catch (cause) {
    if (cause instanceof BatchProcessorError) {
      throw cause;
    }
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new SchemaRegistryError(`the schema ${id} cannot be had: ${why}`, { cause });
  }
}

/** Libraries throw anything, a stack overflow of nested values included. */
function blaming<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof BatchProcessorError) {
      throw cause;
    }
    throw new UndecodableError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
