// JSON with a schema of a registry: `kafka-offset-ranges/json-schema`. Installs beside it: `npm install ajv`.

export type {
  SchemaColumn,
  SchemaColumns,
  SchemaColumnType,
  SchemaRows,
} from "../../shared/archive/format/schema-columns.ts";
export {
  type JsonSchemaColumnsOptions,
  jsonSchemaColumns,
} from "../../shared/archive/json-schema/json-schema-columns.ts";
export { jsonSchemaLine } from "../../shared/archive/json-schema/json-schema-line.ts";
export { type JsonSchemaOptions, jsonSchema } from "../../shared/schemas/json-schema/json-schema-deserializer.ts";
export { jsonSchemaPayload } from "../../shared/schemas/json-schema/json-schema-payload.ts";
export type { DecodedPayload, SchemaPayload } from "../../shared/schemas/schema-payload.ts";
