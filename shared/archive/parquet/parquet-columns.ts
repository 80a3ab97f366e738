import type { ParquetWriter } from "hyparquet-writer";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import type { ParquetFile } from "./chunks/row-group.ts";

export type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

/** Which columns a file has, and what a record puts into them. */
export interface ParquetColumns {
  /** Below the root, which has so many children. */
  readonly schema: readonly SchemaElement[];
  readonly childCount: number;
  /** Empty columns of one file, for records of one place. */
  open(place: TopicPartition): OpenColumns;
}

export interface OpenColumns {
  /** Throws InvalidOutputError. */
  check(record: ArchiveRecord): void;
  /** Puts a row behind the others, and answers what it takes of memory, in bytes. Throws InvalidOutputError. */
  add(record: ArchiveRecord): number;
  readonly rows: number;
  /** Writes the rows as a row group, and has none afterwards. */
  write(file: ParquetFile): void;
}
