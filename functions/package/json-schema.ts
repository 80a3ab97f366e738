// JSON with a schema of a registry: `kafka-offset-ranges/json-schema`. Installs beside it: `npm install ajv`.

export { type JsonSchemaOptions, jsonSchema } from "../../shared/schemas/json-schema/json-schema-deserializer.ts";
