// Zstandard
//
// Frames behind each other, skippable and empty ones among them. As in Java, a first one
// that is cut off is malformed, and of a later one what is there is read: the batch's own
// count of records says whether anything is missing.
// https://github.com/facebook/zstd/blob/dev/doc/zstd_compression_format.md

import { constants, zstdDecompressSync } from "node:zlib";
import { DecompressedSizeError } from "./decompressed-size-error.ts";
import { decodePiece, zlibOptions } from "./zlib-piece.ts";

/** Of what is behind a first frame it is not known how much belongs to the next one. */
const NEXT_PIECE_BYTES = 4_096;

/** Throws what node:zlib throws for malformed frames and for more than `maxBytes`, or DecompressedSizeError. */
export function decompressZstd(compressed: Buffer, maxBytes: number): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  for (let position = 0; position < compressed.length; ) {
    const rest = compressed.subarray(position);
    const { output, consumed } = decodePiece(zstdDecompressSync, rest, {
      ...zlibOptions(rest, Math.max(maxBytes - length, 1)),
      ...(position === 0 ? {} : { chunkSize: NEXT_PIECE_BYTES, finishFlush: constants.ZSTD_e_continue }),
    });
    length += output.length;
    if (length > maxBytes) {
      throw new DecompressedSizeError(`${length} bytes`);
    }
    if (consumed === 0) {
      throw new RangeError(`a zstd frame at ${position} takes no byte`);
    }
    // A short output is a view on a whole piece, which many of them must not hold.
    pieces.push(position > 0 && output.length < NEXT_PIECE_BYTES ? Buffer.from(output) : output);
    position += consumed;
  }
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, length);
}
