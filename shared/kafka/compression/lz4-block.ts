// LZ4 block format
//
//   sequence => token, [more literal length], literals, offset uint16, [more match length]
//
// The token's high half is the literal length, its low half the match length less
// four; 15 is continued by bytes of 255 and one below. The last sequence ends
// after its literals. https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md

const MIN_MATCH = 4;
const LONG_LENGTH = 15;
/** Copied at a time; a copy may write up to seven bytes too many, which the next one overwrites. */
const WORD_BYTES = 8;
/** Up to this many bytes a loop is faster than a call to copy. */
const SHORT_COPY = 128;

/**
 * Appends the block to `output` at `written`, whose earlier bytes it may refer to,
 * and returns where it ends. Throws RangeError when it is malformed or does not fit.
 */
export function decompressLz4Block(input: Buffer, output: Buffer, written: number): number {
  const source = wordsOf(input);
  const target = wordsOf(output);
  let from = 0;
  let to = written;
  while (from < input.length) {
    const token = input[from++] as number; // In bounds by the loop.
    let literals = token >>> 4;
    if (literals === LONG_LENGTH) {
      for (let more = 255; more === 255; literals += more) {
        more = input.readUInt8(from++);
      }
    }
    if (from + literals > input.length || to + literals > output.length) {
      throw new RangeError(`${literals} lz4 literals do not fit at ${to}`);
    }
    if (
      literals <= SHORT_COPY &&
      from + literals <= input.length - WORD_BYTES &&
      to + literals <= output.length - WORD_BYTES
    ) {
      for (let index = 0; index < literals; index += WORD_BYTES) {
        target.setBigUint64(to + index, source.getBigUint64(from + index));
      }
    } else {
      output.set(input.subarray(from, from + literals), to);
    }
    from += literals;
    to += literals;
    if (from === input.length) {
      return to;
    }
    // Past the end both read as 0: a block that is cut off here has no last literals.
    const distance = (input[from] as number) | ((input[from + 1] as number) << 8);
    from += 2;
    let length = (token & 0xf) + MIN_MATCH;
    if (length === LONG_LENGTH + MIN_MATCH) {
      for (let more = 255; more === 255; length += more) {
        more = input.readUInt8(from++);
      }
    }
    if (distance === 0 || distance > to || to + length > output.length) {
      throw new RangeError(`an lz4 match of ${length} bytes from ${distance} back does not fit at ${to}`);
    }
    if (length <= SHORT_COPY && distance >= WORD_BYTES && to + length <= output.length - WORD_BYTES) {
      for (let index = to; index < to + length; index += WORD_BYTES) {
        target.setBigUint64(index, target.getBigUint64(index - distance));
      }
    } else {
      copyMatch(output, to, distance, length);
    }
    to += length;
  }
  throw new RangeError("an lz4 block ends without its last literals");
}

function wordsOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** A match may overlap what it writes: then the bytes between repeat. */
function copyMatch(output: Buffer, to: number, distance: number, length: number): void {
  if (distance >= length) {
    output.copyWithin(to, to - distance, to - distance + length);
    return;
  }
  for (let index = to; index < to + length; index++) {
    output[index] = output[index - distance] as number; // In bounds: the caller checked.
  }
}
