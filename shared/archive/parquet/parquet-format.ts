// Parquet format
//
// Records as rows of an Apache Parquet file, by hyparquet-writer. Row groups end by their
// bytes: whoever writes a file holds one of them in memory, and so does who reads it.
//
//   PQF1  The file depends on its records alone: sizes of row groups and pages, and who is said to have
//        created it, are ours, not the library's defaults.

import { ParquetWriter } from "hyparquet-writer";
import { ConfigurationError } from "../../core/errors.ts";
import {
  aFunction,
  CHECKED_ELSEWHERE,
  type OptionRule,
  type OptionRules,
  oneOf,
  requireOptions,
} from "../../core/options/require-options.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ArchiveFormat, ContentDigest, ContentSink, ObjectEncoder } from "../format/archive-format.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import type { EnvelopeFields } from "../format/envelope-fields.ts";
import { FirstRecordEncoder } from "../format/first-record-encoder.ts";
import { MAX_ROW_GROUP_BYTES, MIN_SPILL_BYTES, ROW_GROUP_BYTES } from "../format/limits.ts";
import type { SchemaColumns } from "../format/schema-columns.ts";
import { CODECS, createPageDigest, PageWriter, type ParquetCompression } from "./chunks/page-writer.ts";
import type { ParquetFile } from "./chunks/row-group.ts";
import { type DeclaredColumnsOptions, declaredColumns } from "./declared-columns.ts";
import { BYTES_AS, type EnvelopeColumnsOptions, envelopeColumns } from "./envelope-columns.ts";
import type { OpenColumns, ParquetColumns } from "./parquet-columns.ts";
import { type RecordColumnsOptions, recordColumns } from "./record-columns.ts";
import { schemaColumns } from "./schema-column-types.ts";

const CREATED_BY = "kafka-offset-ranges version 1";

interface ParquetFileOptions {
  /** @default "snappy" */
  readonly compression?: ParquetCompression;
  /** What a row group has before compression, in bytes, from 1,048,576 to 33,554,432. @default 8388608 */
  readonly rowGroupBytes?: number;
}

/** Columns by the schema of the records. */
export interface SchemaColumnsOptions {
  /** As `avroColumns()` of `kafka-offset-ranges/avro` makes them. */
  readonly columns: SchemaColumns;
  /** Columns of the record itself in front of the schema's; their names must be others. @default - none */
  readonly envelope?: EnvelopeFields<RecordColumnsOptions>;
}

/** Columns of the envelope (offset, timestamp, key, value, headers), those that are declared, or those of a schema. */
export type ParquetOptions = ParquetFileOptions &
  (EnvelopeColumnsOptions | DeclaredColumnsOptions | SchemaColumnsOptions);

const FILE_RULES: OptionRules<ParquetFileOptions> = {
  compression: oneOf(...Object.keys(CODECS)),
  rowGroupBytes: CHECKED_ELSEWHERE,
};
const COLUMNS: OptionRule = {
  expected: "{ name: type }, or what avroColumns() and the like make",
  takes: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Which options go together. */
function rulesFor(options: ParquetOptions): OptionRules<ParquetFileOptions> {
  if (typeof options !== "object" || options === null || !("columns" in options) || options.columns === undefined) {
    return { ...FILE_RULES, ...({ key: BYTES_AS, value: BYTES_AS } satisfies OptionRules<EnvelopeColumnsOptions>) };
  }
  const row = aFunction("a function of the record that makes its row");
  const common = { columns: COLUMNS, envelope: CHECKED_ELSEWHERE } satisfies OptionRules<SchemaColumnsOptions>;
  return hasSchemaColumns(options)
    ? { ...FILE_RULES, ...common }
    : { ...FILE_RULES, ...({ ...common, row } satisfies OptionRules<DeclaredColumnsOptions>) };
}

/** Throws ConfigurationError. */
export function parquet(options: ParquetOptions = {}): ArchiveFormat {
  requireOptions("parquet", options, rulesFor(options));
  const { compression = "snappy", rowGroupBytes = ROW_GROUP_BYTES } = options;
  if (!(rowGroupBytes >= MIN_SPILL_BYTES && rowGroupBytes <= MAX_ROW_GROUP_BYTES)) {
    throw new ConfigurationError(
      `rowGroupBytes ${rowGroupBytes} is not from ${MIN_SPILL_BYTES} to ${MAX_ROW_GROUP_BYTES}`,
    );
  }
  const file = { compression, rowGroupBytes };
  return { extension: "parquet", contentType: "application/vnd.apache.parquet", open: openerOf(options, file) };
}

function openerOf(options: ParquetOptions, file: Omit<EncoderOptions, "columns" | "place">): ArchiveFormat["open"] {
  if (hasSchemaColumns(options)) {
    const ofRecord = recordColumns(options.envelope);
    const columnsFor = (first: ArchiveRecord) => schemaColumns(options.columns, first, ofRecord);
    return (sink, place) =>
      new FirstRecordEncoder((first) => new ParquetEncoder({ ...file, columns: columnsFor(first), place }, sink));
  }
  const columns = hasDeclaredColumns(options) ? declaredColumns(options) : envelopeColumns(options);
  return (sink, place) => new ParquetEncoder({ ...file, columns, place }, sink);
}

function hasDeclaredColumns(options: ParquetOptions): options is ParquetFileOptions & DeclaredColumnsOptions {
  return "columns" in options && options.columns !== undefined;
}

/** A column of that name has a type, and is no function. */
function hasSchemaColumns(options: ParquetOptions): options is ParquetFileOptions & SchemaColumnsOptions {
  return "columns" in options && typeof options.columns?.rowsFor === "function";
}

interface EncoderOptions {
  readonly columns: ParquetColumns;
  /** Of the records. */
  readonly place: TopicPartition;
  readonly compression: ParquetCompression;
  readonly rowGroupBytes: number;
}

class ParquetEncoder implements ObjectEncoder {
  readonly #rowGroupBytes: number;
  readonly #columns: OpenColumns;
  readonly #digest: () => string;
  readonly #file: ParquetFile;
  #bytes = 0;
  #records = 0;

  constructor({ columns, place, compression, rowGroupBytes }: EncoderOptions, sink: ContentSink) {
    this.#rowGroupBytes = rowGroupBytes;
    this.#columns = columns.open(place);
    const { compress, digest } = createPageDigest(compression);
    this.#digest = digest;
    const codec = CODECS[compression];
    const writer = new PageWriter(sink);
    const footer = new ParquetWriter({
      writer,
      schema: [
        { name: "record", num_children: columns.childCount },
        ...columns.schema.map((element) => ({ ...element })),
      ],
      codec,
      compressors: { [codec]: compress },
      createdBy: CREATED_BY,
    });
    this.#file = { writer, compression, compress, footer };
  }

  get bufferedBytes(): number {
    return this.#bytes;
  }

  check(record: ArchiveRecord): void {
    this.#columns.check(record);
  }

  add(record: ArchiveRecord): Promise<void> | undefined {
    this.#bytes += this.#columns.add(record);
    this.#records += 1;
    return this.#bytes < this.#rowGroupBytes ? undefined : this.#writeGroup();
  }

  async spill(): Promise<void> {
    if (this.#bytes >= MIN_SPILL_BYTES) {
      await this.#writeGroup();
    }
  }

  async finish(): Promise<ContentDigest> {
    await this.#writeGroup();
    const { footer, writer } = this.#file;
    markJson(footer);
    await footer.finish();
    await writer.giveRest();
    return { records: this.#records, sha256: this.#digest() };
  }

  destroy(): void {}

  #writeGroup(): Promise<void> | undefined {
    if (this.#columns.rows === 0) {
      return undefined;
    }
    this.#columns.write(this.#file);
    this.#bytes = 0;
    return this.#file.writer.giveRest();
  }
}

/** Some readers know JSON by the older mark alone, by which the library would have made JSON of what is its text already. */
function markJson({ schema }: ParquetWriter): void {
  for (const element of schema) {
    if (element.logical_type?.type === "JSON") {
      element.converted_type = "JSON";
    }
  }
}
