// Archive memo
//
// What the ledger remembers of objects that are uploaded but not completed, and the receipt
// of those that are. Both are JSON: the ledger keeps them as they are.

import { ConfigurationError } from "../core/errors.ts";
import type { UploadedPart } from "../s3/multipart-uploads.ts";

export interface PreparedObject {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly UploadedPart[];
  readonly bytes: number;
  readonly records: number;
  /** Of the content before compression, base64. */
  readonly sha256: string;
}

export interface ArchiveMemo {
  readonly bucket: string;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly objects: readonly PreparedObject[];
}

/** An object that took effect. */
export interface ArchivedObject {
  readonly key: string;
  readonly bytes: number;
  readonly records: number;
  /** Of the content before compression, base64. */
  readonly sha256: string;
  /** Of its parts' CRC-32, as S3 tells it. */
  readonly crc32: string;
}

export interface ArchiveReceipt {
  readonly bucket: string;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly objects: readonly ArchivedObject[];
}

const VERSION = 1;

export function encodeMemo({ bucket, fromOffset, untilOffset, objects }: ArchiveMemo): string {
  return JSON.stringify({
    v: VERSION,
    bucket,
    from: fromOffset.toString(),
    until: untilOffset.toString(),
    objects: objects.map(({ parts, ...object }) => ({
      ...object,
      parts: parts.map((part) => [part.etag.replaceAll('"', ""), part.crc32]),
    })),
  });
}

/** Throws ConfigurationError for a memo of another release. */
export function decodeMemo(text: string): ArchiveMemo {
  const { v, from, until, bucket, objects } = JSON.parse(text) as EncodedMemo; // As encodeMemo has written it.
  requireVersion(v, "memo");
  return {
    bucket,
    fromOffset: BigInt(from),
    untilOffset: BigInt(until),
    objects: objects.map(({ parts, ...object }) => ({
      ...object,
      parts: parts.map(([etag, crc32]) => ({ etag: `"${etag}"`, crc32 })),
    })),
  };
}

export function encodeReceipt({ bucket, fromOffset, untilOffset, objects }: ArchiveReceipt): string {
  return JSON.stringify({
    v: VERSION,
    bucket,
    from: fromOffset.toString(),
    until: untilOffset.toString(),
    objects,
  });
}

/** Throws ConfigurationError for a receipt of another release. */
export function decodeReceipt(text: string): ArchiveReceipt {
  const { v, from, until, bucket, objects } = JSON.parse(text) as EncodedReceipt; // As encodeReceipt has written it.
  requireVersion(v, "receipt");
  return { bucket, fromOffset: BigInt(from), untilOffset: BigInt(until), objects };
}

interface EncodedBase {
  readonly v: number;
  readonly bucket: string;
  readonly from: string;
  readonly until: string;
}

interface EncodedMemo extends EncodedBase {
  readonly objects: readonly (Omit<PreparedObject, "parts"> & {
    readonly parts: readonly (readonly [etag: string, crc32: string])[];
  })[];
}

interface EncodedReceipt extends EncodedBase {
  readonly objects: readonly ArchivedObject[];
}

function requireVersion(version: number, what: string): void {
  if (version !== VERSION) {
    throw new ConfigurationError(
      `an archive's ${what} has version ${version}, this release reads ${VERSION}: deploy the release that wrote it, or a later one`,
    );
  }
}
