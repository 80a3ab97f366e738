// LZ4 frame format
//
//   frame => magic 0x184D2204, flags, descriptor, [content size int64], [dictionary id int32],
//            header checksum, [blocks], end mark 0, [content checksum]
//   block => size int32 (high bit: stored uncompressed), data, [block checksum]
//   skippable frame => magic 0x184D2A50 to 0x184D2A5F, size int32, data
//
// Frames may stand behind each other. What does not begin as one behind the first is
// ignored, as in Java, which reads no second one: the batch's own count of records says
// whether anything is missing.
// Integers are little-endian. Blocks may refer back into earlier ones. Checksums
// (xxHash) are left unread: the batch's CRC-32C covers the same bytes.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md

import { DecompressedSizeError } from "./decompressed-size-error.ts";
import { decompressLz4Block } from "./lz4-block.ts";

const MAGIC = 0x184d_2204;
/** The first of sixteen. */
const SKIPPABLE_MAGIC = 0x184d_2a50;
const CHECKSUM_BYTES = 4;
const UNCOMPRESSED = 0x8000_0000;

/** Where a usual batch is put together: a buffer per batch would be of a whole block's size, and cold. */
const workspace = Buffer.allocUnsafeSlow(262_144);

export function decompressLz4(compressed: Buffer, maxBytes: number): Buffer {
  const decoded: Decoded = { output: workspace.subarray(0, maxBytes), written: 0 };
  let position = 0;
  do {
    position = appendFrame(compressed, position, decoded, maxBytes);
  } while (isFrame(compressed, position));
  const { output, written } = decoded;
  return output.buffer === workspace.buffer ? copyOf(output, written) : output.subarray(0, written);
}

interface Decoded {
  output: Buffer;
  written: number;
}

function isFrame(compressed: Buffer, position: number): boolean {
  const magic = position + 4 <= compressed.length ? compressed.readUInt32LE(position) : 0;
  return magic === MAGIC || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return magic - (magic % 16) === SKIPPABLE_MAGIC;
}

/** Returns where the frame at `start` ends. */
function appendFrame(compressed: Buffer, start: number, decoded: Decoded, maxBytes: number): number {
  if (isSkippable(compressed.readUInt32LE(start))) {
    return start + 8 + compressed.readUInt32LE(start + 4);
  }
  const frame = readFrameHeader(compressed, start);
  // A frame's blocks may refer back into its own earlier ones only.
  const begin = decoded.written;
  let position = frame.end;
  for (let size = compressed.readUInt32LE(position); size !== 0; size = compressed.readUInt32LE(position)) {
    const length = size % UNCOMPRESSED;
    const from = position + 4;
    position = from + length + frame.blockChecksumBytes;
    if (position > compressed.length) {
      throw new RangeError(`an lz4 block of ${length} bytes is cut off`);
    }
    const { written } = decoded;
    decoded.output = reserve(decoded.output, { written, wanted: frame.blockMaxBytes, maxBytes });
    const room = begin === 0 ? decoded.output : decoded.output.subarray(begin);
    const end = appendBlock(compressed.subarray(from, from + length), room, {
      written: written - begin,
      isStored: size >= UNCOMPRESSED,
      isLimited: decoded.output.length - written < frame.blockMaxBytes,
    });
    decoded.written = begin + end;
  }
  return position + 4 + frame.contentChecksumBytes;
}

function copyOf(output: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length);
  output.copy(copy, 0, 0, length);
  return copy;
}

interface FrameHeader {
  readonly blockMaxBytes: number;
  readonly blockChecksumBytes: number;
  readonly contentChecksumBytes: number;
  /** Where the first block begins. */
  readonly end: number;
}

function readFrameHeader(compressed: Buffer, start: number): FrameHeader {
  if (compressed.readUInt32LE(start) !== MAGIC) {
    throw new RangeError("not an lz4 frame");
  }
  const flags = compressed.readUInt8(start + 4);
  const blockSizeCode = (compressed.readUInt8(start + 5) >>> 4) & 0b111;
  if (flags >>> 6 !== 1 || blockSizeCode < 4) {
    throw new RangeError(`lz4 frame flags ${flags}, block size ${blockSizeCode} are not of version 1`);
  }
  const contentSizeBytes = (flags & 0b1000) === 0 ? 0 : 8;
  const dictionaryBytes = (flags & 0b1) === 0 ? 0 : 4;
  return {
    // 4: 64 KiB, 5: 256 KiB, 6: 1 MiB, 7: 4 MiB.
    blockMaxBytes: 2 ** (2 * blockSizeCode + 8),
    blockChecksumBytes: (flags & 0b1_0000) === 0 ? 0 : CHECKSUM_BYTES,
    contentChecksumBytes: (flags & 0b100) === 0 ? 0 : CHECKSUM_BYTES,
    end: start + 7 + contentSizeBytes + dictionaryBytes,
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
