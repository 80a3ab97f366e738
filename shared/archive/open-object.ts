// Open object
//
// One object in the making: records become content, content becomes parts, parts are sent
// while more is written. Without a record there is no object, and with few there is one part.
//
//   OPO1  Parts have PART_BYTES, but for the last, and for one that had to end early for want of
//        memory, which has at least what S3 takes.
//   OPO2  A part that failed fails everything that is written after it, and `finish`.

import { ConfigurationError } from "../core/errors.ts";
import type { TopicPartition } from "../core/range/topic-partition.ts";
import { S3_MAX_PARTS, S3_MIN_PART_BYTES } from "../s3/limits.ts";
import { compositeChecksum, type MultipartUploads, type UploadedPart, type UploadId } from "../s3/multipart-uploads.ts";
import { archiveError } from "./archive-errors.ts";
import type { PreparedObject } from "./archive-memo.ts";
import type { ArchiveFormat, ObjectEncoder } from "./format/archive-format.ts";
import type { ArchiveRecord } from "./format/archive-record.ts";
import type { BlockMemory } from "./format/block-memory.ts";
import { MEMO_BYTES_PER_OBJECT, MEMO_BYTES_PER_PART, PART_BYTES } from "./format/limits.ts";
import { PartContent } from "./part-content.ts";
import type { PartLane } from "./part-lane.ts";

export interface OpenObjectOptions {
  readonly key: string;
  readonly format: ArchiveFormat;
  /** Of its records. */
  readonly place: TopicPartition;
  readonly uploads: MultipartUploads;
  readonly lane: PartLane;
  /** What parts are made of. */
  readonly memory: BlockMemory;
  /** Of the object. */
  readonly headers: Readonly<Record<string, string>>;
}

export class OpenObject {
  readonly #options: OpenObjectOptions;
  readonly #encoder: ObjectEncoder;
  #upload: Promise<UploadId> | undefined;
  readonly #parts: Promise<UploadedPart>[] = [];
  readonly #content: PartContent;
  #bytes = 0;
  #hasRecords = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: OpenObjectOptions) {
    this.#options = options;
    this.#content = new PartContent(options.memory);
    this.#encoder = options.format.open((piece) => this.#take(piece), options.place);
  }

  check(record: ArchiveRecord): void {
    this.#encoder.check(record);
  }

  add(record: ArchiveRecord): Promise<void> | undefined {
    const wait = this.#encoder.add(record);
    this.#hasRecords = true;
    return wait;
  }

  /** Not where the one that it was opened for was refused. */
  get hasRecords(): boolean {
    return this.#hasRecords;
  }

  /** What it holds, without the parts that are under way. */
  get bufferedBytes(): number {
    return this.#encoder.bufferedBytes + this.#content.heldBytes;
  }

  /** What it will take of a memo, in bytes. */
  get memoBytes(): number {
    const ofParts = (this.#parts.length + 1) * MEMO_BYTES_PER_PART;
    return Buffer.byteLength(this.#options.key) + MEMO_BYTES_PER_OBJECT + ofParts;
  }

  /** Gives out what can be given out before the end. */
  async spill(): Promise<void> {
    await this.#encoder.spill();
    if (this.#content.bytes >= S3_MIN_PART_BYTES) {
      this.#send();
      await this.#options.lane.whenFree();
    }
  }

  /** Everything is with S3 when it resolves, as an upload that is not completed. */
  async finish(): Promise<PreparedObject> {
    const { key } = this.#options;
    const { records, sha256 } = await this.#encoder.finish();
    if (this.#content.bytes > 0 || this.#parts.length === 0) {
      this.#send();
    }
    const parts = await Promise.all(this.#parts);
    const { uploadId } = await this.#created();
    return { key, uploadId, parts, bytes: this.#bytes, records, sha256 };
  }

  /** Nothing of it is left with S3, unless S3 does not answer: a rule of the bucket ends such uploads. */
  async abort(): Promise<void> {
    this.#encoder.destroy();
    this.#failure ??= { error: new Error("the object was given up") };
    // A part that arrives after the end of its upload would be kept, and paid for.
    await Promise.allSettled(this.#parts);
    const upload = await this.#upload?.catch(() => undefined);
    if (upload !== undefined) {
      await this.#options.uploads.abort(upload);
    }
  }

  #take(piece: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure.error);
    }
    let rest = piece;
    while (this.#content.bytes + rest.length >= PART_BYTES) {
      const taken = PART_BYTES - this.#content.bytes;
      this.#content.append(rest.subarray(0, taken));
      this.#send();
      rest = rest.subarray(taken);
    }
    this.#content.append(rest);
    return this.#options.lane.whenFree();
  }

  #send(): void {
    const number = this.#parts.length + 1;
    const { key, uploads, lane } = this.#options;
    if (number > S3_MAX_PARTS) {
      throw new ConfigurationError(`${key} needs more than ${S3_MAX_PARTS} parts: plan smaller ranges`);
    }
    const { bytes, pieces, giveBack } = this.#content.release();
    this.#bytes += bytes;
    const part = lane.run(async () => {
      if (this.#failure !== undefined) {
        throw this.#failure.error;
      }
      try {
        const uploaded = await uploads.uploadPart(await this.#created(), number, pieces);
        // Not of one that failed: a socket may still read it.
        giveBack();
        return uploaded;
      } catch (error) {
        throw archiveError(`part ${number} of ${key} was not taken by S3`, error);
      }
    });
    part.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#parts.push(part);
  }

  #created(): Promise<UploadId> {
    const { key, uploads, headers, format } = this.#options;
    this.#upload ??= uploads.create(key, { "content-type": format.contentType, ...headers }).catch((error: unknown) => {
      throw archiveError(`no upload of ${key} was begun by S3`, error);
    });
    return this.#upload;
  }
}

/** What will be told of an object once it is completed. */
export function archivedObject({ key, bytes, records, sha256, parts }: PreparedObject) {
  return { key, bytes, records, sha256, crc32: compositeChecksum(parts) };
}
