// Avro records: `kafka-offset-ranges/avro`. Installs beside it: `npm install avsc@5.7.9`.

export { avroColumns } from "../../shared/archive/avro/avro-columns.ts";
export { type AvroCompression, type AvroFileOptions, avroFile } from "../../shared/archive/avro/avro-file.ts";
export { avroLine } from "../../shared/archive/avro/avro-line.ts";
export type {
  SchemaColumn,
  SchemaColumns,
  SchemaColumnType,
  SchemaRows,
} from "../../shared/archive/format/schema-columns.ts";
export { type AvroOptions, avro } from "../../shared/schemas/avro/avro-deserializer.ts";
export { avroPayload } from "../../shared/schemas/avro/avro-payload.ts";
export type { AvroValues } from "../../shared/schemas/avro/avro-types.ts";
export type { SchemaPayload } from "../../shared/schemas/schema-payload.ts";
