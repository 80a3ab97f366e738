// Avro records: `kafka-offset-ranges/avro`. Installs beside it: `npm install avsc@5.7.9`.

export { type AvroOptions, avro } from "../../shared/schemas/avro/avro-deserializer.ts";
export type { AvroValues } from "../../shared/schemas/avro/avro-types.ts";
