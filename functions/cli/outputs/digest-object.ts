// Digest object
//
// Reads an object, and computes what its receipt says: the checksum of the parts' checksums, and, but
// for Parquet, the digest of the content before it was compressed.
//
//   DO1  What is as it was uploaded is read by its parts. What was uploaded anew, copied back say, may have others: it is
//        cut again as the output had cut it (OPO1), and where that was another way, the content alone tells.

import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { ArchivedObject } from "../../../shared/archive/archive-memo.ts";
import { PART_BYTES } from "../../../shared/archive/format/limits.ts";
import { checksumOf, compositeChecksum } from "../../../shared/s3/multipart-uploads.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { avroContent, NoAvroFileError } from "./avro-content.ts";

type ReadStore = Pick<ArchiveStore, "readBytes" | "readPart">;

export interface ObjectDigest {
  readonly crc32: string;
  /** Absent for Parquet, whose pages are digested one by one, and for what cannot be decompressed. */
  readonly sha256?: string;
}

/** How many parts a checksum is of; 0 where it is that of the whole, which was uploaded at once. */
export function partsOf(crc32: string): number {
  return Number(/-(\d+)$/.exec(crc32)?.[1] ?? 0);
}

/** By the parts that it was uploaded in. */
export function digestObject(store: ReadStore, { key, crc32 }: ArchivedObject): Promise<ObjectDigest> {
  const count = Math.max(1, partsOf(crc32));
  return digestPieces(key, count, (index) => store.readPart(key, index + 1));
}

/** By the parts that it was written in, whatever it was uploaded in since (DO1). */
export function digestAnew(store: ReadStore, { key, bytes }: ArchivedObject): Promise<ObjectDigest> {
  return digestPieces(key, Math.ceil(bytes / PART_BYTES), (index) =>
    store.readBytes(key, { from: index * PART_BYTES, until: Math.min((index + 1) * PART_BYTES, bytes) }),
  );
}

async function digestPieces(
  key: string,
  count: number,
  read: (index: number) => Promise<Buffer | undefined>,
): Promise<ObjectDigest> {
  const checksums: string[] = [];
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let index = 0; index < count; index += 1) {
      const piece = await read(index);
      if (piece === undefined) {
        return;
      }
      checksums.push(checksumOf([piece]));
      yield piece;
    }
  }
  const hasDigest = !key.endsWith(".parquet");
  const sha256 = await digestContent(pieces(), key);
  const parts = checksums.map((one) => ({ etag: "", crc32: one }));
  return { crc32: compositeChecksum(parts), ...(hasDigest && sha256 !== undefined ? { sha256 } : {}) };
}

async function digestContent(pieces: AsyncGenerator<Buffer>, key: string): Promise<string | undefined> {
  const digest = createHash("sha256");
  try {
    await pipeline(pieces, decoderOf(key), async (content: AsyncIterable<Buffer>) => {
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
  const isOfZlib = typeof code === "string" && /^(?:Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB)/.test(code);
  return isOfZlib || error instanceof NoAvroFileError;
}

/** Of Parquet and of lines as they are, nothing is decoded. */
function decoderOf(key: string) {
  if (key.endsWith(".avro")) {
    return avroContent;
  }
  if (key.endsWith(".gz")) {
    return createGunzip();
  }
  return key.endsWith(".zst") ? createZstdDecompress() : new PassThrough();
}
