// Protobuf records: `kafka-offset-ranges/protobuf`. Installs beside it: `npm install protobufjs`.

export type {
  SchemaColumn,
  SchemaColumns,
  SchemaColumnType,
  SchemaRows,
} from "../../shared/archive/format/schema-columns.ts";
export { type ProtobufColumnsOptions, protobufColumns } from "../../shared/archive/protobuf/protobuf-columns.ts";
export { protobufLine } from "../../shared/archive/protobuf/protobuf-line.ts";
export { type ProtobufOptions, protobuf } from "../../shared/schemas/protobuf/protobuf-deserializer.ts";
export { protobufPayload } from "../../shared/schemas/protobuf/protobuf-payload.ts";
export type { DecodedPayload, SchemaPayload } from "../../shared/schemas/schema-payload.ts";
