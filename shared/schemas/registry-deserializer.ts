// Registry deserializer: what Avro, Protobuf and JSON Schema have in common. A format only says what it makes of a schema.

import { SchemaRegistryError, UndecodableError } from "../core/decode/decode-errors.ts";
import type { Deserializer } from "../core/decode/deserializer.ts";
import { BatchProcessorError } from "../core/errors.ts";
import { SchemaCache } from "./schema-cache.ts";
import type { Framed, MessageChoice, RegisteredSchema, SchemaFormat, SchemaRegistry } from "./schema-registry.ts";
import { useSchema } from "./use-schema.ts";

/** Reads payloads of one schema. What it throws is the payload's fault. */
export type ReadPayload<T> = (payload: Buffer, message: MessageChoice | undefined) => T;

export interface RegistryFormat<T> {
  readonly format: SchemaFormat;
  readonly registry: SchemaRegistry;
  /** What it throws is the schema's fault, unless it is an UndecodableError. */
  readonly compile: (schema: RegisteredSchema) => ReadPayload<T>;
}

export function registryDeserializer<T>({ format, registry, compile }: RegistryFormat<T>): Deserializer<T> {
  const readers = new SchemaCache(async (id) => {
    const fetched = await fetchBy(registry, id);
    const schema = fetched.origin === undefined ? { ...fetched, origin: `schema ${id}` } : fetched;
    if (schema.format !== format) {
      throw new UndecodableError(`its schema ${id} is one of ${schema.format}; expected one of ${format}`);
    }
    return useSchema(schema, () => compile(schema));
  });
  return {
    deserialize(bytes, part) {
      const framed = registry.unframe(bytes, part, format);
      const reader = readers.get(framed.id);
      return reader instanceof Promise ? reader.then((made) => readBy(made, framed)) : readBy(reader, framed);
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
function readBy<T>(reader: ReadPayload<T>, { id, payload, message }: Framed): T {
  try {
    return reader(payload, message);
  } catch (cause) {
    if (cause instanceof BatchProcessorError) {
      throw cause;
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UndecodableError(`it is none of its schema ${id}: ${why}`, { cause });
  }
}
