// Apache Parquet for outputs to S3: `kafka-offset-ranges/parquet`. Installs beside it: `npm install hyparquet-writer@0.17.0`.

export type {
  EnvelopeField,
  EnvelopeFields,
  EnvelopeFieldsOptions,
} from "../../shared/archive/format/envelope-fields.ts";
export type { ParquetCompression } from "../../shared/archive/parquet/chunks/page-writer.ts";
export type { ColumnType } from "../../shared/archive/parquet/column-types.ts";
export type {
  ColumnDeclaration,
  DeclaredColumnsOptions,
  RequiredColumn,
} from "../../shared/archive/parquet/declared-columns.ts";
export type { BytesAs, EnvelopeColumnsOptions } from "../../shared/archive/parquet/envelope-columns.ts";
export {
  type ParquetOptions,
  parquet,
  type SchemaColumnsOptions,
} from "../../shared/archive/parquet/parquet-format.ts";
export type { RecordColumnsOptions } from "../../shared/archive/parquet/record-columns.ts";
