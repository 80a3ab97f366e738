const XERIAL_HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const XERIAL_BLOCK_BYTES = 1_000;

/** One snappy block: a run of one byte as a copy that overlaps itself, all else as literals. */
export function encodeRawSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [encodeLength(bytes.length)];
  let start = 0;
  for (let position = 0; position < bytes.length; ) {
    const run = runLength(bytes, position, 64);
    if (run < 6) {
      position += 1;
      continue;
    }
    parts.push(literal(bytes.subarray(start, position + 1)), twoByteCopy(run - 1));
    position += run;
    start = position;
  }
  return Buffer.concat([...parts, literal(bytes.subarray(start))]);
}

export function encodeXerialSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let start = 0; start < bytes.length; start += XERIAL_BLOCK_BYTES) {
    const block = encodeRawSnappy(bytes.subarray(start, start + XERIAL_BLOCK_BYTES));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** How often the byte at `position` stands there in a row, at most `limit`. */
export function runLength(bytes: Buffer, position: number, limit: number): number {
  let run = 1;
  while (run < limit && position + run < bytes.length && bytes[position + run] === bytes[position]) {
    run += 1;
  }
  return run;
}

function encodeLength(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

function literal(bytes: Buffer): Buffer {
  if (bytes.length === 0) {
    return bytes;
  }
  if (bytes.length <= 60) {
    return Buffer.concat([Buffer.from([(bytes.length - 1) << 2]), bytes]);
  }
  if (bytes.length > 65_536) {
    return Buffer.concat([literal(bytes.subarray(0, 65_536)), literal(bytes.subarray(65_536))]);
  }
  const tag = Buffer.from([61 << 2, 0, 0]);
  tag.writeUInt16LE(bytes.length - 1, 1);
  return Buffer.concat([tag, bytes]);
}

/** Copies `length` bytes (1 to 64) from one byte back. */
function twoByteCopy(length: number): Buffer {
  return Buffer.from([((length - 1) << 2) | 2, 1, 0]);
}
