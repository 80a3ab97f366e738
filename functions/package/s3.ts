// Outputs to S3: `kafka-offset-ranges/s3`. Parquet has an entry of its own, with a library of its own.

export type { ArchiveFormat } from "../../shared/archive/format/archive-format.ts";
export type { ArchiveHeader, ArchiveRecord } from "../../shared/archive/format/archive-record.ts";
export type {
  EnvelopeField,
  EnvelopeFields,
  EnvelopeFieldsOptions,
} from "../../shared/archive/format/envelope-fields.ts";
export type { LineCompression } from "../../shared/archive/lines/compressors.ts";
export type { EnvelopeEncoding, EnvelopeOptions } from "../../shared/archive/lines/envelope.ts";
export type { LineEnvelopeOptions } from "../../shared/archive/lines/line-envelope.ts";
export {
  type JsonLinesOptions,
  jsonLines,
  type LineCompressionOptions,
  rawBytes,
} from "../../shared/archive/lines/line-formats.ts";
export type { ArchiveOptions } from "../../shared/archive/s3-archive.ts";
export { s3Archive } from "../outputs/s3/s3-archive.ts";
