import { runLength } from "./snappy-encoder.ts";

const BLOCK_BYTES = 65_536;
const MAX_RUN = 70_000;
/** The format demands literals at the end of a block. */
const LAST_LITERALS = 12;

/** An lz4 frame of 64 KiB blocks: a run of one byte as a match that overlaps itself, all else as literals. */
export function encodeLz4Frame(bytes: Buffer): Buffer {
  // Version 1, independent blocks, no checksums but the header's own, of its two bytes.
  const parts: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])];
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const plain = bytes.subarray(start, start + BLOCK_BYTES);
    const block = encodeBlock(plain);
    const isStored = block.length >= plain.length;
    parts.push(uint32(isStored ? plain.length + 0x80000000 : block.length), isStored ? plain : block);
  }
  return Buffer.concat([...parts, uint32(0)]);
}

function encodeBlock(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let start = 0;
  for (let position = 0; position < bytes.length - LAST_LITERALS; ) {
    const run = Math.min(runLength(bytes, position, MAX_RUN), bytes.length - LAST_LITERALS - position);
    if (run < 6) {
      position += 1;
      continue;
    }
    parts.push(sequence(bytes.subarray(start, position + 1), run - 1));
    position += run;
    start = position;
  }
  return Buffer.concat([...parts, sequence(bytes.subarray(start), undefined)]);
}

/** Literals, then a match of one byte back. */
function sequence(literals: Buffer, matchLength: number | undefined): Buffer {
  const match = matchLength === undefined ? 0 : matchLength - 4;
  return Buffer.concat([
    Buffer.from([(Math.min(literals.length, 15) << 4) | Math.min(match, 15)]),
    moreLength(literals.length),
    literals,
    ...(matchLength === undefined ? [] : [Buffer.from([1, 0]), moreLength(match)]),
  ]);
}

function moreLength(length: number): Buffer {
  if (length < 15) {
    return Buffer.alloc(0);
  }
  const rest = length - 15;
  return Buffer.concat([Buffer.alloc(Math.floor(rest / 255), 255), Buffer.from([rest % 255])]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
