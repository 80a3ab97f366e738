// Snappy
//
// Kafka's producers write one of two framings:
//   xerial  => [0x82 "SNAPPY" 0x00, version int32, compatible int32, [length int32, raw block]]
//   raw     => one block
// Streams of the first may stand behind each other, and end with up to three bytes that
// make no length, which Java ignores.
// A raw block is the decompressed length (uvarint), then elements whose tag byte
// says literal or copy: https://github.com/google/snappy/blob/main/format_description.txt

import { DecompressedSizeError } from "./decompressed-size-error.ts";

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;
/** Where a length belongs, it begins another stream; of its header Java looks at no more. */
const XERIAL_START = XERIAL_MAGIC.readUInt32BE(0);

export function decompressSnappy(compressed: Buffer, maxBytes: number): Buffer {
  const isXerial = compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  const blocks = isXerial ? readXerialBlocks(compressed) : [compressed];
  const headers = blocks.map(readLength);
  const total = headers.reduce((sum, { length }) => sum + length, 0);
  if (total > maxBytes) {
    throw new DecompressedSizeError(`${total} bytes`);
  }
  const output = Buffer.allocUnsafeSlow(total);
  let position = 0;
  for (const [index, block] of blocks.entries()) {
    const { length, bodyAt } = headers[index] ?? { length: 0, bodyAt: 0 };
    decompressBlock(block.subarray(bodyAt), output.subarray(position, position + length));
    position += length;
  }
  return output;
}

function readXerialBlocks(compressed: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let position = XERIAL_HEADER_BYTES; position + 4 <= compressed.length; ) {
    const length = compressed.readUInt32BE(position);
    const isHeader = length === XERIAL_START;
    const end = position + (isHeader ? XERIAL_HEADER_BYTES : 4 + length);
    if (end > compressed.length) {
      throw new RangeError(isHeader ? "a snappy header is cut off" : `a snappy block of ${length} bytes is cut off`);
    }
    if (!isHeader) {
      blocks.push(compressed.subarray(position + 4, end));
    }
    position = end;
  }
  return blocks;
}

function readLength(block: Buffer): { readonly length: number; readonly bodyAt: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block.readUInt8(index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      return { length, bodyAt: index + 1 };
    }
  }
  throw new RangeError("a snappy length exceeds 5 bytes");
}

/** Fills `output` exactly, or throws RangeError. */
function decompressBlock(input: Buffer, output: Buffer): void {
  let from = 0;
  let to = 0;
  while (from < input.length) {
    const tag = input.readUInt8(from++);
    if ((tag & 0b11) === 0) {
      let length = tag >>> 2;
      if (length >= 60) {
        const lengthBytes = length - 59;
        length = input.readUIntLE(from, lengthBytes);
        from += lengthBytes;
      }
      length += 1;
      if (from + length > input.length || to + length > output.length) {
        throw new RangeError(`a snappy literal of ${length} bytes does not fit`);
      }
      output.set(input.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    const copy = readCopy(input, from, tag);
    from = copy.next;
    copyBack(output, to, copy);
    to += copy.length;
  }
  if (to !== output.length) {
    throw new RangeError(`a snappy block holds ${to} bytes, its header says ${output.length}`);
  }
}

interface Copy {
  readonly length: number;
  /** How far back it begins. */
  readonly distance: number;
  /** Where the next element begins. */
  readonly next: number;
}

function readCopy(input: Buffer, from: number, tag: number): Copy {
  switch (tag & 0b11) {
    case 1:
      return {
        length: ((tag >>> 2) & 0b111) + 4,
        distance: ((tag >>> 5) << 8) | input.readUInt8(from),
        next: from + 1,
      };
    case 2:
      return { length: (tag >>> 2) + 1, distance: input.readUInt16LE(from), next: from + 2 };
    default:
      return { length: (tag >>> 2) + 1, distance: input.readUInt32LE(from), next: from + 4 };
  }
}

function copyBack(output: Buffer, to: number, { length, distance }: Copy): void {
  if (distance === 0 || distance > to || to + length > output.length) {
    throw new RangeError(`a snappy copy of ${length} bytes from ${distance} back does not fit`);
  }
  // Byte by byte: a copy may overlap what it writes.
  for (let index = to; index < to + length; index++) {
    output[index] = output[index - distance] as number; // In bounds: checked above.
  }
}
