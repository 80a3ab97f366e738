// What the bench of archives and its processes say to each other: one line of JSON each way.

import type { ReadTask } from "../reading/reading.ts";

export const ARCHIVE_FORMATS = [
  "lines-gzip",
  "lines-zstd",
  "lines-none",
  "parquet-snappy",
  "parquet-zstd",
  "parquet-declared-snappy",
  "parquet-avro-snappy",
] as const;

export type ArchiveFormatName = (typeof ARCHIVE_FORMATS)[number];

export const ARCHIVERS = ["ours", "spark", "kafkajs"] as const;

export type ArchiverName = (typeof ARCHIVERS)[number];

/** What our bytes per CPU second are held against those of the others for. */
export const COMPARED_FORMATS = ["lines-gzip", "parquet-snappy", "parquet-zstd", "parquet-declared-snappy"] as const;

/** Which formats each writes. */
export const FORMATS_OF: Readonly<Record<ArchiverName, readonly ArchiveFormatName[]>> = {
  ours: ARCHIVE_FORMATS,
  spark: COMPARED_FORMATS,
  kafkajs: COMPARED_FORMATS,
};

export interface ArchiveTask extends ReadTask {
  readonly format: ArchiveFormatName;
}

export interface ArchiveResult {
  readonly records: number;
  /** Of the objects, or the file. */
  readonly bytes: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Of the process since it began; 0 where the platform does not tell. */
  readonly peakRssBytes: number;
}

/** Given to a process as its argument. */
export interface ArchiveConnection {
  readonly bootstrapServers: string;
  /** Of the store. */
  readonly endpoint: string;
}

export type OpenArchiver = (
  connection: ArchiveConnection,
) => (task: ArchiveTask) => Promise<Pick<ArchiveResult, "bytes" | "records">>;
