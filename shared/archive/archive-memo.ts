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

/** Where objects are. */
export interface ArchivePlace {
  readonly bucket: string;
  /** What their keys begin with, without the slash behind it; empty at the bucket's root. */
  readonly prefix: string;
}

export interface ArchiveMemo extends ArchivePlace {
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

export interface ArchiveReceipt extends ArchivePlace {
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly objects: readonly ArchivedObject[];
}

const VERSION = 1;

export function encodeMemo({ bucket, prefix, fromOffset, untilOffset, objects }: ArchiveMemo): string {
  return JSON.stringify({
    v: VERSION,
    bucket,
    prefix,
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
  const { v, from, until, bucket, prefix, objects } = JSON.parse(text) as EncodedMemo; // As encodeMemo has written it.
  requireVersion(v, "memo");
  return {
    bucket,
    prefix,
    fromOffset: BigInt(from),
    untilOffset: BigInt(until),
    objects: objects.map(({ parts, ...object }) => ({
      ...object,
      parts: parts.map(([etag, crc32]) => ({ etag: `"${etag}"`, crc32 })),
    })),
  };
}

export function encodeReceipt({ bucket, prefix, fromOffset, untilOffset, objects }: ArchiveReceipt): string {
  return JSON.stringify({
    v: VERSION,
    bucket,
    prefix,
    from: fromOffset.toString(),
    until: untilOffset.toString(),
    objects,
  });
}

/** Throws ConfigurationError for a receipt of another release. */
export function decodeReceipt(text: string): ArchiveReceipt {
  const { v, from, until, bucket, prefix, objects } = JSON.parse(text) as EncodedReceipt; // As encodeReceipt has written it.
  requireVersion(v, "receipt");
  return { bucket, prefix, fromOffset: BigInt(from), untilOffset: BigInt(until), objects };
}

/** Undefined for what another output than an archive has said. Throws ConfigurationError for a receipt of another release. */
export function readReceipt(text: string): ArchiveReceipt | undefined {
  const said = parseObject(text);
  const isReceipt = said !== undefined && ["v", "bucket", "prefix", "objects"].every((name) => name in said);
  return isReceipt ? decodeReceipt(text) : undefined;
}

function parseObject(text: string): object | undefined {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? said : undefined;
  } catch {
    return undefined;
  }
}

interface EncodedBase extends ArchivePlace {
  readonly v: number;
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
