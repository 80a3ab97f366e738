// Archive format
//
// How records become the content of an object. The consumer of these types is open-object.ts.
//
//   ACF1  The content is a function of the records, of their order and of their topic and partition alone, never of time,
//        of chance, or of how they came in batches.

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ArchiveRecord } from "./archive-record.ts";

/** How records become the content of objects: made by `jsonLines`, `rawBytes` or `parquet`. */
export interface ArchiveFormat {
  /** Without its dot: `jsonl.gz`. */
  readonly extension: string;
  /** Of the objects, as HTTP names it. */
  readonly contentType: string;
  /** Begins an object of records of one place; an object without a record is not begun. */
  open(sink: ContentSink, place: TopicPartition): ObjectEncoder;
}

/** Copies a piece of content, whose memory may be used again at once. A promise asks to wait before the next. */
export type ContentSink = (piece: Uint8Array) => Promise<void> | undefined;

export interface ObjectEncoder {
  /** Throws InvalidOutputError, with the index of 0, for a record that has no place in the format. */
  check(record: ArchiveRecord): void;
  /** A promise asks to wait before the next. Throws as `check` does, before anything of the record is taken. */
  add(record: ArchiveRecord): Promise<void> | undefined;
  /** What it holds in memory and can give out by `spill` or `finish` only. */
  readonly bufferedBytes: number;
  /** Gives out what makes it smaller, where the format allows it before the end. */
  spill(): Promise<void>;
  /** Gives out the rest. */
  finish(): Promise<ContentDigest>;
  /** Frees what it has opened; what is not given out is lost. */
  destroy(): void;
}

/** Of the content before it was compressed. */
export interface ContentDigest {
  readonly records: number;
  /** Base64. */
  readonly sha256: string;
}
