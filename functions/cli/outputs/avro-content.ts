// Avro content
//
// What a receipt's SHA-256 is of in an Avro object container file: the schema, and every block as it was
// before it was compressed. Read as it comes: one block is held at a time.

import { inflateRawSync, zstdDecompressSync } from "node:zlib";

const MAGIC = "Obj\x01";
const MARKER_BYTES = 16;
/** A whole number of 64 bits, seven of them a byte. */
const MAX_LONG_BYTES = 10;

const DECOMPRESS: Readonly<Record<string, (block: Buffer) => Buffer>> = {
  deflate: (block) => inflateRawSync(block),
  null: (block) => block,
  zstandard: (block) => zstdDecompressSync(block),
};

/** What is read is no file that avroFile has written. */
export class NoAvroFileError extends Error {
  override readonly name = "NoAvroFileError";
}

/** Throws NoAvroFileError, and what zlib does. */
export async function* avroContent(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const reader = new FileReader(pieces);
  if ((await reader.take(MAGIC.length)).toString("latin1") !== MAGIC) {
    throw new NoAvroFileError("it does not begin as an Avro file");
  }
  const metadata = await readMetadata(reader);
  const decompress = DECOMPRESS[metadata.get("avro.codec")?.toString() ?? "null"];
  const schema = metadata.get("avro.schema");
  if (decompress === undefined || schema === undefined) {
    throw new NoAvroFileError("its header names no schema, or a codec that is not known");
  }
  yield schema;
  const marker = await reader.take(MARKER_BYTES);
  while (await reader.hasMore()) {
    await reader.long(); // How many records it has.
    yield decompress(await reader.bytes());
    if (!(await reader.take(MARKER_BYTES)).equals(marker)) {
      throw new NoAvroFileError("a block does not end with the file's marker");
    }
  }
}

/** A map of bytes: blocks of entries, the last of none. */
async function readMetadata(reader: FileReader): Promise<ReadonlyMap<string, Buffer>> {
  const metadata = new Map<string, Buffer>();
  for (let count = await reader.long(); count !== 0; count = await reader.long()) {
    if (count < 0) {
      await reader.long(); // How long the block is.
    }
    for (let left = Math.abs(count); left > 0; left -= 1) {
      const name = (await reader.bytes()).toString();
      metadata.set(name, await reader.bytes());
    }
  }
  return metadata;
}

class FileReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async hasMore(): Promise<boolean> {
    return this.#fill(1);
  }

  async take(bytes: number): Promise<Buffer> {
    if (!(await this.#fill(bytes))) {
      throw new NoAvroFileError(`it ends before ${bytes} bytes that belong to it`);
    }
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return taken;
  }

  async bytes(): Promise<Buffer> {
    const length = await this.long();
    if (length < 0) {
      throw new NoAvroFileError(`a length of ${length}`);
    }
    return this.take(length);
  }

  /** In Avro's zigzag of variable length. */
  async long(): Promise<number> {
    let value = 0n;
    for (let index = 0; index < MAX_LONG_BYTES; index += 1) {
      const byte = (await this.take(1))[0] ?? 0;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        return Number((value >> 1n) ^ -(value & 1n));
      }
    }
    throw new NoAvroFileError(`a number of more than ${MAX_LONG_BYTES} bytes`);
  }

  async #fill(bytes: number): Promise<boolean> {
    const pieces = [this.#held];
    let held = this.#held.length;
    while (held < bytes) {
      const next = await this.#pieces.next();
      if (next.done === true) {
        break;
      }
      pieces.push(next.value);
      held += next.value.length;
    }
    this.#held = pieces.length === 1 ? this.#held : Buffer.concat(pieces);
    return held >= bytes;
  }
}
