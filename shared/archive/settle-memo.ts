// Settle memo
//
// Completes the uploads that a memo names, or finds that this was done. Anybody may do it, at any
// time and at the same time; the result is one (OS3).
//
//   SM1  Either every object of the memo is there, with the size and the checksum that the memo gives,
//        or, once one of their uploads is gone without its object, none is left and none can come.
//   SM2  An object of other content is never replaced nor removed.
//   SM3  Nothing is removed but by who is certain to hold the lease: whoever has it next writes the same content by the
//        same name, which a late removal would take for what was to be undone.

import { setTimeout as pause } from "node:timers/promises";
import { ConfigurationError, OutputUnavailableError } from "../core/errors.ts";
import { mapConcurrently } from "../core/map-concurrently.ts";
import type { MultipartUploads, StoredObject } from "../s3/multipart-uploads.ts";
import { archiveError } from "./archive-errors.ts";
import { type ArchivedObject, type ArchiveMemo, encodeReceipt, type PreparedObject } from "./archive-memo.ts";
import { MAX_CONCURRENT_SETTLES, MAX_SETTLE_TRIES, SETTLE_PAUSE_MS } from "./format/limits.ts";
import { archivedObject } from "./open-object.ts";

/**
 * `mayRemove` says whether a removal that is sent now takes effect while the lease is held (SM3). Throws
 * OutputUnavailableError where S3 does not answer, or it may not; ConfigurationError where another object has a key.
 */
export async function settleMemo(
  uploads: MultipartUploads,
  memo: ArchiveMemo,
  mayRemove: () => boolean,
): Promise<{ readonly receipt: string } | "nothing"> {
  const { bucket, objects } = memo;
  const settled = await eachObject(objects, (object) => settleObject(uploads, bucket, object));
  if (settled.every((object) => object !== "gone")) {
    return { receipt: encodeReceipt({ ...memo, objects: settled }) };
  }
  await eachObject(objects, (object) => undoObject({ uploads, bucket, mayRemove }, object));
  return "nothing";
}

function eachObject<Result>(
  objects: readonly PreparedObject[],
  run: (object: PreparedObject) => Promise<Result>,
): Promise<readonly Result[]> {
  return mapConcurrently(objects, MAX_CONCURRENT_SETTLES, async (object) => {
    try {
      return await run(object);
    } catch (error) {
      throw archiveError(`${object.key} was not completed by S3`, error);
    }
  });
}

async function settleObject(
  uploads: MultipartUploads,
  bucket: string,
  object: PreparedObject,
): Promise<ArchivedObject | "gone"> {
  for (let tries = 1; tries <= MAX_SETTLE_TRIES; tries += 1) {
    const completion = await uploads.complete(object, object.parts);
    if (completion === "completed") {
      return archivedObject(object);
    }
    if (completion !== "busy") {
      const found = await uploads.head(object.key);
      if (completion === "exists" && found !== undefined) {
        requireSame(bucket, object, found);
        // Another upload of the same content made it.
        await uploads.abort(object);
        return archivedObject(object);
      }
      if (completion === "gone") {
        if (found === undefined) {
          return "gone";
        }
        requireSame(bucket, object, found);
        return archivedObject(object);
      }
    }
    await pause(SETTLE_PAUSE_MS * Math.random() * tries);
  }
  throw new OutputUnavailableError(`s3://${bucket}/${object.key} is being written by somebody else`);
}

interface Undoing {
  readonly uploads: MultipartUploads;
  readonly bucket: string;
  readonly mayRemove: () => boolean;
}

/** Leaves nothing of it, and nothing that it could come of. */
async function undoObject({ uploads, bucket, mayRemove }: Undoing, object: PreparedObject): Promise<void> {
  await uploads.abort(object);
  const found = await uploads.head(object.key);
  if (found !== undefined) {
    requireSame(bucket, object, found);
    if (!mayRemove()) {
      throw new OutputUnavailableError(
        `s3://${bucket}/${object.key} is of a commit that lost another object, and too little of the lease is left to remove it; the next attempt does`,
      );
    }
    await uploads.remove(object.key, found.etag);
  }
}

function requireSame(bucket: string, object: PreparedObject, found: StoredObject): void {
  const { bytes, crc32 } = archivedObject(object);
  // Stores other than S3 may keep no checksum.
  if (found.bytes !== bytes || (found.crc32 !== undefined && found.crc32 !== crc32)) {
    throw new ConfigurationError(
      `s3://${bucket}/${object.key} has another content (${found.bytes} bytes, CRC-32 ${found.crc32 ?? "unknown"}) than what was to be written there (${bytes} bytes, ${crc32}): somebody else wrote it, or an earlier life of the pipeline or its topic; move it away, or give s3Archive another prefix`,
    );
  }
}
