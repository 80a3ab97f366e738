// CRC-32C (Castagnoli) in plain JavaScript, eight bytes a step ("slicing by 8"):
// for where no native build fits. Reflected polynomial 0x82F63B78.

const POLYNOMIAL = 0x82f6_3b78;
const SLICES = 8;

/** tables[s * 256 + b]: the effect of byte b followed by s zero bytes. */
const tables = buildTables();

export function crc32cJs(bytes: Uint8Array): number {
  let crc = -1;
  let position = 0;
  const wholeEnd = bytes.length - (bytes.length % SLICES);
  for (; position < wholeEnd; position += SLICES) {
    crc =
      table(7, byteAt(bytes, position) ^ (crc & 0xff)) ^
      table(6, byteAt(bytes, position + 1) ^ ((crc >>> 8) & 0xff)) ^
      table(5, byteAt(bytes, position + 2) ^ ((crc >>> 16) & 0xff)) ^
      table(4, byteAt(bytes, position + 3) ^ (crc >>> 24)) ^
      table(3, byteAt(bytes, position + 4)) ^
      table(2, byteAt(bytes, position + 5)) ^
      table(1, byteAt(bytes, position + 6)) ^
      table(0, byteAt(bytes, position + 7));
  }
  for (; position < bytes.length; position++) {
    crc = table(0, byteAt(bytes, position) ^ (crc & 0xff)) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

function table(slice: number, byte: number): number {
  return tables[slice * 256 + byte] as number; // In bounds: slice < 8, byte < 256.
}

function byteAt(bytes: Uint8Array, position: number): number {
  return bytes[position] as number; // In bounds by the loops above.
}

function buildTables(): Int32Array {
  const result = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    }
    result[byte] = crc;
  }
  for (let index = 256; index < result.length; index++) {
    const shorter = result[index - 256] as number; // In bounds: one slice before.
    result[index] = (result[shorter & 0xff] as number) ^ (shorter >>> 8);
  }
  return result;
}
