import type { Deserializer } from "../../core/decode/deserializer.ts";
import { parseJson } from "../plain/plain-deserializers.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import type { DecodedPayload } from "../schema-payload.ts";
import { parseExactJson } from "./exact-json.ts";
import type { JsonSchemaOptions } from "./json-schema-deserializer.ts";
import { openJsonSchema } from "./open-json-schema.ts";

/**
 * JSON that its own schema takes, with that schema: what an archive writes by `jsonSchemaColumns` and `jsonSchemaLine`.
 * Whole numbers keep all their digits.
 */
export function jsonSchemaPayload({ registry }: Pick<JsonSchemaOptions, "registry">): Deserializer<DecodedPayload> {
  return registryDeserializer<DecodedPayload>({
    format: "JSON",
    registry,
    compile(schema) {
      const { requireValid } = openJsonSchema(schema);
      return (payload) => {
        const value = parseJson(payload);
        requireValid(value);
        return { payload, schema, decoded: parseExactJson(payload) ?? value };
      };
    },
  });
}
