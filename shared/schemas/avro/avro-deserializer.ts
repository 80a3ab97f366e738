import type { Type } from "avsc";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import type { Deserializer } from "../../core/decode/deserializer.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { CHECKED_ELSEWHERE, type OptionRules, oneOf, requireOptions } from "../../core/options/require-options.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import { REGISTRY } from "../registry-option.ts";
import type { ReferredSchema, RegisteredSchema, SchemaRegistry } from "../schema-registry.ts";
import { originOf } from "../use-schema.ts";
import { checkOf } from "./avro-bounds.ts";
import { type AvroValues, avroTypeOf } from "./avro-types.ts";

/** How Avro is read. */
export interface AvroOptions extends AvroValues {
  /** Where the schemas are that records were written with: `confluentRegistry` or `glueRegistry`. */
  readonly registry: SchemaRegistry;
  /**
   * The schema that the code reads with, as JSON or its text: fields are resolved by Avro's rules, with defaults and
   * aliases. @default - the one that each record was written with
   */
  readonly readerSchema?: string | object;
  /** What `readerSchema` refers to, each after those that it refers to itself. @default - nothing */
  readonly references?: readonly ReferredSchema[];
}

/** How payloads are read, whatever becomes of their values. */
export type AvroReaderOptions = Pick<AvroOptions, "readerSchema" | "references" | "registry">;

export const READER_RULES: OptionRules<AvroReaderOptions> = {
  registry: REGISTRY,
  readerSchema: CHECKED_ELSEWHERE,
  references: {
    expected: "an array of { name, text }, each schema after those that it refers to",
    takes: (value) => Array.isArray(value) && value.every((one) => typeof one?.text === "string"),
  },
};

/**
 * Avro, by the schema that a registry has. Records become plain objects, bytes and fixed Buffers, and a union's value
 * is as it is, or in an object with its type's name where the types cannot be told apart. Logical types other than
 * decimal are what they are made of: a timestamp-millis is a long. Throws ConfigurationError for options that are none, a readerSchema first of all.
 */
export function avro<T = unknown>(options: AvroOptions): Deserializer<T> {
  requireOptions("avro", options, {
    ...READER_RULES,
    longs: oneOf("bigint", "number"),
    decimals: oneOf("text", "bytes"),
  });
  const { registry, readerSchema, references = [], ...values } = options;
  const reader = readerSchema === undefined ? undefined : readerSchemaOf(readerSchema, references, values).type;
  return registryDeserializer<T>({
    format: "AVRO",
    registry,
    compile(schema) {
      const writer = avroTypeOf(schema, { ...values, keepsDefaults: false });
      const check = checkOf(writer);
      const resolver = reader === undefined ? undefined : resolverFor(reader, writer, schema);
      const type = reader ?? writer;
      return (payload) => {
        check(payload);
        return type.fromBuffer(payload, resolver) as T; // What the code says that the schema is.
      };
    },
  });
}

/** Throws UndecodableError: a schema that a reader's takes nothing of is one, and its records are others than are wanted. */
export function resolverFor(reader: Type, writer: Type, schema: RegisteredSchema): ReturnType<Type["createResolver"]> {
  try {
    return reader.createResolver(writer);
  } catch (cause) {
    throw new UndecodableError(`${originOf(schema)} does not resolve to readerSchema: ${(cause as Error).message}`, {
      cause, // avsc throws errors only.
    });
  }
}

/** Throws ConfigurationError for a schema that is none. */
export function readerSchemaOf(
  given: string | object,
  references: readonly ReferredSchema[],
  values: AvroValues,
): { readonly schema: RegisteredSchema; readonly type: Type } {
  const text = typeof given === "string" ? given : JSON.stringify(given);
  const schema: RegisteredSchema = { format: "AVRO", text, references };
  try {
    return { schema, type: avroTypeOf(schema, { ...values, keepsDefaults: true }) };
  } catch (cause) {
    throw new ConfigurationError(`avro: readerSchema is no schema: ${(cause as Error).message}`, { cause }); // avsc and JSON throw errors only.
  }
}
