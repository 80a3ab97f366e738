// Digest object
//
// Reads an object part by part, as it was uploaded, and computes what its receipt says: the checksum of
// the parts' checksums, and, of lines and bytes, the digest of the content before it was compressed.

import { createHash } from "node:crypto";
import { PassThrough, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { ArchivedObject } from "../../../shared/archive/archive-memo.ts";
import { checksumOf, compositeChecksum } from "../../../shared/s3/multipart-uploads.ts";
import type { ArchiveStore } from "./archive-store.ts";

export interface ObjectDigest {
  readonly crc32: string;
  /** Absent for Parquet, whose pages are digested one by one, and for what cannot be decompressed. */
  readonly sha256?: string;
}

export async function digestObject(
  store: Pick<ArchiveStore, "readPart">,
  { key, crc32 }: ArchivedObject,
): Promise<ObjectDigest> {
  const count = Number(/-(\d+)$/.exec(crc32)?.[1] ?? 1);
  const checksums: string[] = [];
  async function* readParts(): AsyncGenerator<Buffer> {
    for (let number = 1; number <= count; number += 1) {
      const part = await store.readPart(key, number);
      if (part === undefined) {
        return;
      }
      checksums.push(checksumOf([part]));
      yield part;
    }
  }
  const decoder = decoderOf(key);
  const sha256 = await digestContent(readParts(), decoder ?? new PassThrough());
  const parts = checksums.map((one) => ({ etag: "", crc32: one }));
  return { crc32: compositeChecksum(parts), ...(decoder === undefined || sha256 === undefined ? {} : { sha256 }) };
}

async function digestContent(parts: AsyncGenerator<Buffer>, decoder: Transform): Promise<string | undefined> {
  const digest = createHash("sha256");
  try {
    await pipeline(parts, decoder, async (content: AsyncIterable<Buffer>) => {
      for await (const piece of content) {
        digest.update(piece);
      }
    });
    return digest.digest("base64");
  } catch (error) {
    if (isUndecodable(error)) {
      // What is left of the parts is not read: the checksum differs already.
      return undefined;
    }
    throw error;
  }
}

function isUndecodable(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^(?:Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB)/.test(code);
}

function decoderOf(key: string): Transform | undefined {
  if (key.endsWith(".parquet")) {
    return undefined;
  }
  if (key.endsWith(".gz")) {
    return createGunzip();
  }
  return key.endsWith(".zst") ? createZstdDecompress() : new PassThrough();
}
