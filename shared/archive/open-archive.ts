// Open archive
//
// One attempt at a range: each record goes to the object of its bucket of time, and a commit
// makes all objects ready at once. S3 is the store, the ledger keeps the memo.
//
//   OA1  What is held in memory has a bound, whatever buckets the records have: beyond it
//        the archive is full, and a commit makes room.
//   OA2  Names are made of the range, of the first offset of what is committed, and of the buckets.

import { InvalidOutputError, OutputLimitError } from "../core/errors.ts";
import { MAX_MEMO_BYTES } from "../core/limits.ts";
import { mapConcurrently } from "../core/map-concurrently.ts";
import type { OutputCommit, OutputRange, PreparedOutput } from "../core/output/range-output.ts";
import type { RecordBatch } from "../core/source/range-reader.ts";
import type { MultipartUploads } from "../s3/multipart-uploads.ts";
import { type ArchiveLayout, prefixOf, requireKey } from "./archive-layout.ts";
import { encodeMemo } from "./archive-memo.ts";
import type { ArchiveFormat } from "./format/archive-format.ts";
import type { ArchiveRecord } from "./format/archive-record.ts";
import type { BlockMemory } from "./format/block-memory.ts";
import { FULL_MEMO_BYTES, MAX_BUFFERED_BYTES, MAX_CONCURRENT_SETTLES, MAX_OPEN_OBJECTS } from "./format/limits.ts";
import { namingIndex, requireRecord } from "./format/refuse-record.ts";
import { OpenObject } from "./open-object.ts";
import { PartLane } from "./part-lane.ts";
import { minuteOf, momentOf, type TimeBuckets } from "./time-buckets.ts";

export interface ArchiveRules {
  readonly bucket: string;
  readonly prefix: string;
  readonly layout: ArchiveLayout;
  readonly timeBuckets: TimeBuckets;
  readonly by: "plannedTime" | "recordTime";
  readonly format: ArchiveFormat;
  /** Of every object. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface OpenArchiveOptions {
  readonly rules: ArchiveRules;
  readonly uploads: MultipartUploads;
  readonly range: OutputRange;
  readonly memory: BlockMemory;
}

/** How many records are written between two looks at how much is held. */
const LOOK_EVERY = 256;
/** Minutes whose object is remembered; what is forgotten is found again by its key. */
const MAX_KNOWN_MINUTES = 10_000;

export class OpenArchive implements PreparedOutput<ArchiveRecord> {
  readonly kind = "prepared";
  readonly #rules: ArchiveRules;
  readonly #uploads: MultipartUploads;
  readonly #range: OutputRange;
  readonly #memory: BlockMemory;
  readonly #prefix: string;
  readonly #lane = new PartLane();
  readonly #byKey = new Map<string, OpenObject>();
  readonly #byMinute = new Map<number, OpenObject>();
  #fromOffset: bigint;
  #lastMinute: number | undefined;
  #lastObject: OpenObject | undefined;
  #sinceLook = 0;
  #isFull = false;

  constructor({ rules, uploads, range, memory }: OpenArchiveOptions) {
    this.#rules = rules;
    this.#uploads = uploads;
    this.#range = range;
    this.#memory = memory;
    this.#prefix = prefixOf(rules.prefix, range.requestId);
    this.#fromOffset = range.fromOffset;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  async write(outputs: readonly ArchiveRecord[]): Promise<void> {
    let index = -1;
    try {
      // One is refused before anything of it is taken.
      for (const output of outputs.length > 1 ? outputs : []) {
        index += 1;
        requireRecord(output);
        this.#objectOf(output.timestamp).check(output);
      }
      index = -1;
      for (const output of outputs) {
        index += 1;
        requireRecord(output);
        const wait = this.#add(output);
        if (wait !== undefined) {
          await wait;
        }
      }
    } catch (error) {
      await this.#dropUnbegun();
      throw namingIndex(error, index);
    }
  }

  async writeBatch(batch: RecordBatch, fromOffset: bigint): Promise<bigint> {
    let isFirst = true;
    for (const record of batch) {
      if (record.offset < fromOffset) {
        continue;
      }
      if (this.#isFull && !isFirst) {
        return record.offset;
      }
      const wait = this.#takeOrRefuse(record, isFirst);
      if (wait === "refused") {
        return record.offset;
      }
      isFirst = false;
      // Most records need no wait, and a wait for nothing would cost more than they do.
      if (wait !== undefined) {
        await wait;
      }
    }
    return batch.untilOffset;
  }

  async prepare({ untilOffset }: OutputCommit): Promise<{ readonly memo: string } | "nothing"> {
    const written = [...this.#byKey.values()].filter(({ hasRecords }) => hasRecords);
    if (written.length === 0) {
      this.#fromOffset = untilOffset;
      return "nothing";
    }
    const objects = await mapConcurrently(written, MAX_CONCURRENT_SETTLES, (object) => object.finish());
    const { bucket } = this.#rules;
    const memo = encodeMemo({ bucket, prefix: this.#prefix, fromOffset: this.#fromOffset, untilOffset, objects });
    if (Buffer.byteLength(memo) > MAX_MEMO_BYTES) {
      throw new OutputLimitError(
        `${objects.length} objects of ${bucket} are more than the ledger can remember of one commit`,
      );
    }
    this.#forget();
    this.#fromOffset = untilOffset;
    return { memo };
  }

  async close(): Promise<void> {
    const open = [...this.#byKey.values()];
    this.#forget();
    // What S3 does not answer to is left to the bucket's rule for uploads that nobody completes.
    await Promise.allSettled(open.map((object) => object.abort()));
  }

  /** An object that was only looked at for outputs that were refused: its first record is another. */
  async #dropUnbegun(): Promise<void> {
    for (const [key, object] of this.#byKey) {
      if (!object.hasRecords) {
        this.#byKey.delete(key);
        await object.abort();
      }
    }
    this.#byMinute.clear();
    this.#lastMinute = undefined;
    this.#lastObject = undefined;
  }

  #forget(): void {
    this.#byKey.clear();
    this.#byMinute.clear();
    this.#lastMinute = undefined;
    this.#lastObject = undefined;
    this.#isFull = false;
  }

  /** What comes before a record that is refused is committed without it: the record is the first of the next call then. */
  #takeOrRefuse(record: ArchiveRecord, isFirst: boolean): Promise<void> | "refused" | undefined {
    try {
      return this.#add(record);
    } catch (error) {
      if (isFirst || !(error instanceof InvalidOutputError)) {
        throw error;
      }
      return "refused";
    }
  }

  #add(record: ArchiveRecord): Promise<void> | undefined {
    const wait = this.#objectOf(record.timestamp).add(record);
    this.#sinceLook += 1;
    return wait === undefined && this.#sinceLook < LOOK_EVERY ? undefined : this.#look(wait);
  }

  #objectOf(timestamp: bigint | undefined): OpenObject {
    const { by, layout, timeBuckets } = this.#rules;
    const { plannedAt } = this.#range;
    const moment = by === "plannedTime" || !layout.hasTime ? plannedAt : (momentOf(timestamp) ?? plannedAt);
    const minute = minuteOf(moment);
    if (minute === this.#lastMinute && this.#lastObject !== undefined) {
      return this.#lastObject;
    }
    let object = this.#byMinute.get(minute);
    if (object === undefined) {
      const piece = { range: this.#range, fromOffset: this.#fromOffset };
      object = this.#objectAt(layout.keyOf(piece, timeBuckets(moment)));
      if (this.#byMinute.size >= MAX_KNOWN_MINUTES) {
        this.#byMinute.clear();
      }
      this.#byMinute.set(minute, object);
    }
    this.#lastMinute = minute;
    this.#lastObject = object;
    return object;
  }

  #objectAt(name: string): OpenObject {
    const { format, headers } = this.#rules;
    const path = [this.#prefix, name].filter((part) => part !== "").join("/");
    const key = requireKey(`${path}.${format.extension}`);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      return known;
    }
    const object = new OpenObject({
      ...{ key, format, headers, place: this.#range },
      ...{ uploads: this.#uploads, lane: this.#lane, memory: this.#memory },
    });
    this.#byKey.set(key, object);
    this.#isFull ||= this.#byKey.size >= MAX_OPEN_OBJECTS || this.#sum("memoBytes") > FULL_MEMO_BYTES;
    return object;
  }

  /** Holds what is held against its bound, once what was written is taken. */
  async #look(wait: Promise<void> | undefined): Promise<void> {
    await wait;
    if (this.#sinceLook < LOOK_EVERY) {
      return;
    }
    this.#sinceLook = 0;
    if (this.#sum("bufferedBytes") > MAX_BUFFERED_BYTES) {
      for (const object of this.#byKey.values()) {
        await object.spill();
      }
      this.#isFull ||= this.#sum("bufferedBytes") > MAX_BUFFERED_BYTES / 2;
    }
    this.#isFull ||= this.#sum("memoBytes") > FULL_MEMO_BYTES;
  }

  #sum(what: "bufferedBytes" | "memoBytes"): number {
    return [...this.#byKey.values()].reduce((sum, object) => sum + object[what], 0);
  }
}
