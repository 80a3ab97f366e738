import type { Deserializer } from "../../core/decode/deserializer.ts";
import { BOOLEAN, requireOptions } from "../../core/options/require-options.ts";
import { parseJson } from "../plain/plain-deserializers.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import { REGISTRY } from "../registry-option.ts";
import type { SchemaRegistry } from "../schema-registry.ts";
import { openJsonSchema } from "./open-json-schema.ts";

/** How JSON with a schema is read. */
export interface JsonSchemaOptions {
  /** Where the schemas are that records were written with: `confluentRegistry` or `glueRegistry`. */
  readonly registry: SchemaRegistry;
  /** Whether a record that its own schema refuses is refused; else the schema is not asked for. @default true */
  readonly validate?: boolean;
}

/**
 * JSON that is framed by a registry's serializers and held against the schema that the registry has: draft 6 and 7,
 * 2019-09, 2020-12. `format` says nothing, as these drafts have it by default. Throws
 * ConfigurationError for options that are none.
 */
export function jsonSchema<T = unknown>(options: JsonSchemaOptions): Deserializer<T> {
  requireOptions("jsonSchema", options, { registry: REGISTRY, validate: BOOLEAN });
  const { registry, validate = true } = options;
  if (!validate) {
    return { deserialize: (bytes, part) => parseJson(registry.unframe(bytes, part, "JSON").payload) as T };
  }
  return registryDeserializer<T>({
    format: "JSON",
    registry,
    compile(schema) {
      const { requireValid } = openJsonSchema(schema);
      return (payload) => {
        const value = parseJson(payload);
        requireValid(value, payload.length);
        return value as T; // What the code says that the schema is.
      };
    },
  });
}
