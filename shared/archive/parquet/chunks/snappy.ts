// Snappy
//
// Compresses to the raw format that Parquet's pages have, without frames:
// https://github.com/google/snappy/blob/main/format_description.txt
//
// The writer's own compressor takes four times as long, more than all the rest of a file.
//
//   SNC1  The output is a function of the input alone.
//   SNC2  Pages of one size need no memory anew: a file of gigabytes would leave as much to collect.

/** What matches may lie in: positions fit into 16 bits, and each block begins with an empty table. */
const BLOCK = 65_536;
const TABLE_BITS = 14;
/** Behind the last position that is looked at, so that four bytes can be read there. */
const MARGIN = 15;
/** A literal that is shorter is copied byte by byte. */
const SHORT_LITERAL = 24;

const table = new Uint16Array(1 << TABLE_BITS);
let scratch = Buffer.alloc(0);

/** A view of what the next call writes over. */
export function snappyCompress(input: Uint8Array): Uint8Array {
  const mostBytes = 32 + input.length + Math.ceil(input.length / 6);
  if (scratch.length < mostBytes) {
    scratch = Buffer.allocUnsafeSlow(mostBytes);
  }
  const output = scratch;
  let at = writeLength(output, input.length);
  for (let start = 0; start < input.length; start += BLOCK) {
    at = compressBlock(input, start, Math.min(input.length, start + BLOCK), output, at);
  }
  return output.subarray(0, at);
}

function writeLength(output: Uint8Array, length: number): number {
  let rest = length;
  let at = 0;
  for (; rest >= 0x80; rest >>>= 7) {
    output[at++] = (rest & 0x7f) | 0x80;
  }
  output[at++] = rest;
  return at;
}

function compressBlock(input: Uint8Array, start: number, end: number, output: Uint8Array, outputAt: number): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const limit = end - MARGIN;
  let out = outputAt;
  let literal = start;
  let position = start + 1;
  table.fill(0);
  while (position < limit) {
    let candidate = start;
    let current = view.getInt32(position, true);
    // The longer nothing is found, the larger the steps: bytes without repetition are passed over.
    for (let skip = 32; ; skip++) {
      const hash = Math.imul(current, 0x1e35a7bd) >>> (32 - TABLE_BITS);
      candidate = start + (table[hash] as number); // A hash is within the table.
      table[hash] = position - start;
      if (current === view.getInt32(candidate, true) && candidate < position) {
        break;
      }
      position += skip >>> 5;
      if (position >= limit) {
        return writeLiteral(input, literal, end, output, out);
      }
      current = view.getInt32(position, true);
    }
    out = literal < position ? writeLiteral(input, literal, position, output, out) : out;
    for (;;) {
      const distance = position - candidate;
      let length = 4;
      while (
        position + length + 4 <= end &&
        view.getInt32(position + length, true) === view.getInt32(candidate + length, true)
      ) {
        length += 4;
      }
      while (position + length < end && input[position + length] === input[candidate + length]) {
        length += 1;
      }
      position += length;
      // Copies of up to 64 bytes; the last but one leaves at least four.
      while (length >= 68) {
        output[out++] = ((64 - 1) << 2) | 2;
        output[out++] = distance & 0xff;
        output[out++] = distance >>> 8;
        length -= 64;
      }
      if (length > 64) {
        output[out++] = ((60 - 1) << 2) | 2;
        output[out++] = distance & 0xff;
        output[out++] = distance >>> 8;
        length -= 60;
      }
      if (length < 12 && distance < 2_048) {
        output[out++] = ((distance >>> 8) << 5) | ((length - 4) << 2) | 1;
        output[out++] = distance & 0xff;
      } else {
        output[out++] = ((length - 1) << 2) | 2;
        output[out++] = distance & 0xff;
        output[out++] = distance >>> 8;
      }
      literal = position;
      if (position >= limit) {
        return writeLiteral(input, literal, end, output, out);
      }
      const previous = Math.imul(view.getInt32(position - 1, true), 0x1e35a7bd) >>> (32 - TABLE_BITS);
      table[previous] = position - 1 - start;
      const next = view.getInt32(position, true);
      const hash = Math.imul(next, 0x1e35a7bd) >>> (32 - TABLE_BITS);
      candidate = start + (table[hash] as number); // As above.
      table[hash] = position - start;
      if (next !== view.getInt32(candidate, true) || candidate >= position) {
        break;
      }
    }
    position += 1;
  }
  return writeLiteral(input, literal, end, output, out);
}

function writeLiteral(input: Uint8Array, from: number, until: number, output: Uint8Array, outputAt: number): number {
  const length = until - from;
  let out = outputAt;
  if (length === 0) {
    return out;
  }
  const last = length - 1;
  if (last < 60) {
    output[out++] = last << 2;
  } else if (last < 0x100) {
    output[out++] = 60 << 2;
    output[out++] = last;
  } else {
    // A block is no longer than 65,536 bytes.
    output[out++] = 61 << 2;
    output[out++] = last & 0xff;
    output[out++] = last >>> 8;
  }
  if (length < SHORT_LITERAL) {
    for (let index = from; index < until; index++) {
      output[out++] = input[index] as number; // Within the input.
    }
    return out;
  }
  output.set(input.subarray(from, until), out);
  return out + length;
}
