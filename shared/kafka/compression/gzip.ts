// Gzip
//
// Members behind each other, as node:zlib reads them. Whatever does not begin as one
// behind the last of them is ignored, as Java's GZIPInputStream does: the batch's own
// count of records says whether anything is missing.
//
//   member => magic 0x1f8b, method 8, flags, mtime int32, xfl, os, [extra], [name], [comment],
//             [header checksum], deflated data, crc32, length           (RFC 1952)

import { gunzipSync, inflateRawSync } from "node:zlib";
import { decodePiece, zlibOptions } from "./zlib-piece.ts";

const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const HAS_HEADER_CHECKSUM = 0b0_0010;
const HAS_EXTRA = 0b0_0100;
const HAS_NAME = 0b0_1000;
const HAS_COMMENT = 0b1_0000;

/** Throws what node:zlib throws for malformed members, and for more than `maxBytes`. */
export function decompressGzip(compressed: Buffer, maxBytes: number): Buffer {
  const decode = (input: Buffer) => gunzipSync(input, zlibOptions(input, maxBytes));
  try {
    return decode(compressed);
  } catch (error) {
    const end = findMembersEnd(compressed, maxBytes);
    if (end === 0 || end === compressed.length) {
      throw error;
    }
    return decode(compressed.subarray(0, end));
  }
}

function findMembersEnd(compressed: Buffer, maxBytes: number): number {
  let end = 0;
  for (let body = findBody(compressed, end); body !== undefined; body = findBody(compressed, end)) {
    const rest = compressed.subarray(body);
    end = body + decodePiece(inflateRawSync, rest, zlibOptions(rest, maxBytes)).consumed + TRAILER_BYTES;
  }
  return Math.min(end, compressed.length);
}

/** Where the data of the member at `start` begins; undefined where no whole header stands. */
function findBody(compressed: Buffer, start: number): number | undefined {
  let end = start + FIXED_HEADER_BYTES;
  if (end > compressed.length || compressed.readUInt16BE(start) !== 0x1f8b || compressed[start + 2] !== 8) {
    return undefined;
  }
  const flags = compressed.readUInt8(start + 3);
  if ((flags & HAS_EXTRA) !== 0) {
    end += 2 + (end + 2 <= compressed.length ? compressed.readUInt16LE(end) : 0);
  }
  for (const hasText of [flags & HAS_NAME, flags & HAS_COMMENT]) {
    if (hasText !== 0) {
      const terminator = compressed.indexOf(0, end);
      end = terminator < 0 ? compressed.length + 1 : terminator + 1;
    }
  }
  end += (flags & HAS_HEADER_CHECKSUM) === 0 ? 0 : 2;
  return end > compressed.length ? undefined : end;
}
