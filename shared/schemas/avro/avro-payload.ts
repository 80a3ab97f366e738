import type { Deserializer } from "../../core/decode/deserializer.ts";
import { requireOptions } from "../../core/options/require-options.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import type { SchemaPayload } from "../schema-payload.ts";
import { isSameSchema } from "../schema-registry.ts";
import { checkOf } from "./avro-bounds.ts";
import { type AvroReaderOptions, READER_RULES, readerSchemaOf, resolverFor } from "./avro-deserializer.ts";
import { avroTypeOf } from "./avro-types.ts";

/** Reads and writes every value as it was: the text of a decimal is not written. */
const AS_ENCODED = { decimals: "bytes" } as const;

/**
 * Avro that is not made values of, with its schema: what an archive writes by `avroFile`, `avroColumns` and `avroLine`.
 * With a readerSchema each payload is encoded by it, resolved by Avro's rules; without one it has its own schema. Throws
 * ConfigurationError for options that are none.
 */
export function avroPayload(options: AvroReaderOptions): Deserializer<SchemaPayload> {
  requireOptions("avroPayload", options, READER_RULES);
  const { registry, readerSchema, references = [] } = options;
  const reader = readerSchema === undefined ? undefined : readerSchemaOf(readerSchema, references, AS_ENCODED);
  return registryDeserializer<SchemaPayload>({
    format: "AVRO",
    registry,
    compile(schema) {
      const writer = avroTypeOf(schema, { ...AS_ENCODED, keepsDefaults: false });
      const check = checkOf(writer);
      const resolver = reader === undefined ? undefined : resolverFor(reader.type, writer, schema);
      return (payload) => {
        check(payload);
        if (reader === undefined || isSameSchema(schema, reader.schema)) {
          return { payload, schema: reader?.schema ?? schema };
        }
        return { payload: reader.type.toBuffer(reader.type.fromBuffer(payload, resolver)), schema: reader.schema };
      };
    },
  });
}
