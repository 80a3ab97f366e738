// LZ4 frame format
//
//   frame => magic 0x184D2204, flags, descriptor, [content size int64], [dictionary id int32],
//            header checksum, [blocks], end mark 0, [content checksum]
//   block => size int32 (high bit: stored uncompressed), data, [block checksum]
//
// Integers are little-endian. Blocks may refer back into earlier ones. Checksums
// (xxHash) are left unread: the batch's CRC-32C covers the same bytes.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md

import { DecompressedSizeError } from "./decompressed-size-error.ts";
import { decompressLz4Block } from "./lz4-block.ts";

const MAGIC = 0x184d_2204;
const CHECKSUM_BYTES = 4;
const UNCOMPRESSED = 0x8000_0000;

/** Where a usual batch is put together: a buffer per batch would be of a whole block's size, and cold. */
const workspace = Buffer.allocUnsafeSlow(262_144);

export function decompressLz4(compressed: Buffer, maxBytes: number): Buffer {
  const frame = readFrameHeader(compressed);
  let output: Buffer = workspace.subarray(0, maxBytes);
  let written = 0;
  let position = frame.end;
  for (let size = compressed.readUInt32LE(position); size !== 0; size = compressed.readUInt32LE(position)) {
    const length = size % UNCOMPRESSED;
    const start = position + 4;
    position = start + length + frame.blockChecksumBytes;
    if (position > compressed.length) {
      throw new RangeError(`an lz4 block of ${length} bytes is cut off`);
    }
    output = reserve(output, { written, wanted: frame.blockMaxBytes, maxBytes });
    written = appendBlock(compressed.subarray(start, start + length), output, {
      written,
      isStored: size >= UNCOMPRESSED,
      isLimited: output.length - written < frame.blockMaxBytes,
    });
  }
  return output.buffer === workspace.buffer ? copyOf(output, written) : output.subarray(0, written);
}

function copyOf(output: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length);
  output.copy(copy, 0, 0, length);
  return copy;
}

interface FrameHeader {
  readonly blockMaxBytes: number;
  readonly blockChecksumBytes: number;
  /** Where the first block begins. */
  readonly end: number;
}

function readFrameHeader(compressed: Buffer): FrameHeader {
  if (compressed.readUInt32LE(0) !== MAGIC) {
    throw new RangeError("not an lz4 frame");
  }
  const flags = compressed.readUInt8(4);
  const blockSizeCode = (compressed.readUInt8(5) >>> 4) & 0b111;
  if (flags >>> 6 !== 1 || blockSizeCode < 4) {
    throw new RangeError(`lz4 frame flags ${flags}, block size ${blockSizeCode} are not of version 1`);
  }
  const contentSizeBytes = (flags & 0b1000) === 0 ? 0 : 8;
  const dictionaryBytes = (flags & 0b1) === 0 ? 0 : 4;
  return {
    // 4: 64 KiB, 5: 256 KiB, 6: 1 MiB, 7: 4 MiB.
    blockMaxBytes: 2 ** (2 * blockSizeCode + 8),
    blockChecksumBytes: (flags & 0b1_0000) === 0 ? 0 : CHECKSUM_BYTES,
    end: 7 + contentSizeBytes + dictionaryBytes,
  };
}

interface Reservation {
  readonly written: number;
  readonly wanted: number;
  readonly maxBytes: number;
}

/** Room for one more block, or as much as the limit leaves. */
function reserve(output: Buffer, { written, wanted, maxBytes }: Reservation): Buffer {
  if (written + wanted <= output.length) {
    return output;
  }
  if (output.length === maxBytes) {
    return output;
  }
  const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(output.length * 2, written + wanted), maxBytes));
  output.copy(larger, 0, 0, written);
  return larger;
}

interface Append {
  readonly written: number;
  readonly isStored: boolean;
  /** Whether the limit leaves less room than a block may take. */
  readonly isLimited: boolean;
}

/** Returns where the output ends. */
function appendBlock(block: Buffer, output: Buffer, { written, isStored, isLimited }: Append): number {
  try {
    if (!isStored) {
      return decompressLz4Block(block, output, written);
    }
    output.set(block, written);
    return written + block.length;
  } catch (error) {
    throw isLimited && error instanceof RangeError
      ? new DecompressedSizeError(`more than ${written} bytes`, { cause: error })
      : error;
  }
}
