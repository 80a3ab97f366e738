import type { Deserializer } from "../../core/decode/deserializer.ts";
import { requireOptions } from "../../core/options/require-options.ts";
import { parseJson } from "../plain/plain-deserializers.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import { REGISTRY } from "../registry-option.ts";
import type { DecodedPayload } from "../schema-payload.ts";
import { parseExactJson } from "./exact-json.ts";
import type { JsonSchemaOptions } from "./json-schema-deserializer.ts";
import { openJsonSchema } from "./open-json-schema.ts";

/**
 * JSON that its own schema takes, with that schema: what an archive writes by `jsonSchemaColumns` and `jsonSchemaLine`.
 * Whole numbers keep all their digits. Throws ConfigurationError for options that are none.
 */
export function jsonSchemaPayload(options: Pick<JsonSchemaOptions, "registry">): Deserializer<DecodedPayload> {
  requireOptions("jsonSchemaPayload", options, { registry: REGISTRY });
  const { registry } = options;
  return registryDeserializer<DecodedPayload>({
    format: "JSON",
    registry,
    compile(schema) {
      const { requireValid } = openJsonSchema(schema);
      return (payload) => {
        const value = parseJson(payload);
        requireValid(value, payload.length);
        return { payload, schema, decoded: parseExactJson(payload) ?? value };
      };
    },
  });
}
