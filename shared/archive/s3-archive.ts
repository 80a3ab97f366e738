// S3 archive
//
// Outputs as objects of a bucket: what a user configures, checked before anything is read.

import type { AwsAccess } from "../aws/aws-client.ts";
import { ConfigurationError } from "../core/errors.ts";
import {
  anObjectWith,
  type OptionRules,
  oneOf,
  required,
  requireOptions,
  TEXT,
} from "../core/options/require-options.ts";
import type { OutputRange, RangeOutput } from "../core/output/range-output.ts";
import { S3_UPLOAD_TIMEOUT_MS } from "../s3/limits.ts";
import { type MultipartUploads, openMultipartUploads } from "../s3/multipart-uploads.ts";
import { DEFAULT_LAYOUT, parseLayout, requirePath } from "./archive-layout.ts";
import { decodeMemo } from "./archive-memo.ts";
import type { ArchiveFormat } from "./format/archive-format.ts";
import type { ArchiveRecord } from "./format/archive-record.ts";
import { BlockMemory } from "./format/block-memory.ts";
import { MAX_KEPT_PART_BLOCKS, PART_BLOCK_BYTES } from "./format/limits.ts";
import { jsonLines } from "./lines/line-formats.ts";
import { type ArchiveRules, OpenArchive } from "./open-archive.ts";
import { settleMemo } from "./settle-memo.ts";
import { createTimeBuckets } from "./time-buckets.ts";

/** Where an archive is, and what its objects are. */
export interface ArchiveOptions {
  /** Its name, or a function that finds it when the first range is opened: in a variable of the environment, say. */
  readonly bucket: string | (() => string);
  /** What every key begins with, without a slash at its ends. @default - the root of the bucket */
  readonly prefix?: string;
  /**
   * A key behind the prefix, without extension, of the fields pipeline, topic, topicId, partition, from, last, batch,
   * date, year, month, day, hour and minute in braces. {topic} or {topicId}, {partition} and {from} have to be there.
   *
   * @default "topic={topic}/dt={date}/hour={hour}/part={partition}/{from}-{last}"
   */
  readonly layout?: string;
  /** Of the layout's times, as the IANA database names it. @default "UTC" */
  readonly timeZone?: string;
  /** Whether the layout's times are those of the records, or the one at which the range was planned. @default "recordTime" */
  readonly by?: "plannedTime" | "recordTime";
  /** jsonLines(…), rawBytes(…), or parquet(…). @default jsonLines(), compressed by gzip */
  readonly format?: ArchiveFormat;
  /** Encrypts with this key of KMS, by its id or ARN, where the bucket does not already. @default - as the bucket does */
  readonly kmsKeyId?: string;
  /** As S3 names it, `STANDARD_IA`. @default - the bucket's own */
  readonly storageClass?: string;
}

const RULES: OptionRules<ArchiveOptions> = {
  bucket: required({
    expected: "the name of a bucket, or a function that finds it",
    takes: (value) => typeof value === "string" || typeof value === "function",
  }),
  prefix: { expected: "a text", takes: (value) => typeof value === "string" },
  layout: TEXT,
  timeZone: TEXT,
  by: oneOf("recordTime", "plannedTime"),
  format: anObjectWith(["open"], "what jsonLines(…), rawBytes(…), parquet(…) or avroFile(…) makes"),
  kmsKeyId: TEXT,
  storageClass: TEXT,
};

/** Throws ConfigurationError that names the option, its value and what it has to be. */
export function archiveRules(options: ArchiveOptions & { readonly bucket: string }): ArchiveRules {
  const { bucket, prefix = "", layout = DEFAULT_LAYOUT, timeZone = "UTC", by = "recordTime" } = options;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new ConfigurationError(
      `bucket ${JSON.stringify(bucket)} is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens`,
    );
  }
  if (prefix !== "") {
    requirePath("prefix", prefix);
  }
  return {
    ...{ bucket, prefix, by },
    layout: parseLayout(layout),
    timeBuckets: createTimeBuckets(timeZone),
    format: options.format ?? jsonLines(),
    headers: objectHeaders(options),
  };
}

function objectHeaders({ kmsKeyId, storageClass }: ArchiveOptions): Readonly<Record<string, string>> {
  const encryption = {
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": kmsKeyId ?? "",
  };
  return {
    ...(kmsKeyId === undefined ? {} : encryption),
    ...(storageClass === undefined ? {} : { "x-amz-storage-class": storageClass }),
  };
}

/** `access` is asked for when the first range is opened. */
export function createArchive(options: ArchiveOptions, access: () => AwsAccess): RangeOutput<ArchiveRecord> {
  requireOptions("s3Archive", options, RULES);
  const { bucket: given } = options;
  // Without its bucket too it is checked before anything is deployed.
  let rules = archiveRules({ ...options, bucket: typeof given === "string" ? given : "not-yet-known" });
  let isComplete = typeof given === "string";
  const known = new Map<string, MultipartUploads>();
  const memory = new BlockMemory({ blockBytes: PART_BLOCK_BYTES, maxKept: MAX_KEPT_PART_BLOCKS });
  const uploadsOf = (bucket: string) => {
    const uploads = known.get(bucket) ?? openMultipartUploads(access(), bucket);
    known.set(bucket, uploads);
    return uploads;
  };
  const openedAt = new WeakMap<OutputRange, number>();
  return {
    name: "S3",
    open: async (range: OutputRange) => {
      openedAt.set(range, Date.now());
      if (!isComplete && typeof given === "function") {
        rules = archiveRules({ ...options, bucket: given() });
        isComplete = true;
      }
      return new OpenArchive({ rules, uploads: uploadsOf(rules.bucket), range, memory });
    },
    settle: (text: string, range: OutputRange) => {
      const memo = decodeMemo(text);
      const { remainingMs } = range;
      const endsAt = (openedAt.get(range) ?? Date.now()) + remainingMs;
      const mayRemove = () => Date.now() + Math.min(S3_UPLOAD_TIMEOUT_MS, remainingMs / 2) <= endsAt;
      // As it was when the memo was made: another bucket since then changes nothing of it.
      return settleMemo(uploadsOf(memo.bucket), memo, mayRemove);
    },
  };
}
