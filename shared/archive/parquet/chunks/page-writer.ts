import { createHash } from "node:crypto";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { ByteWriter } from "hyparquet-writer";
import type { ContentSink } from "../../format/archive-format.ts";
import { snappyCompress } from "./snappy.ts";

/** What compresses the pages of a file. */
export type ParquetCompression = "gzip" | "none" | "snappy" | "zstd";

/** What is collected before it is given out, in bytes: headers of pages, and short pages. */
const BUFFER_BYTES = 65_536;

/** Gives out what is written, pages as they are: a row group as a whole would be once more in memory. */
export class PageWriter extends ByteWriter {
  readonly #sink: ContentSink;
  #waits: Promise<void>[] = [];

  constructor(sink: ContentSink) {
    super(BUFFER_BYTES);
    this.#sink = sink;
  }

  override appendBytes(bytes: Uint8Array): void {
    if (this.index + bytes.length <= BUFFER_BYTES) {
      super.appendBytes(bytes);
      return;
    }
    this.#giveCollected();
    this.#give(bytes);
    this.offset += bytes.length;
  }

  /** Gives out the rest; a promise asks to wait for what was given out since it was called last. */
  giveRest(): Promise<void> | undefined {
    this.#giveCollected();
    const waits = this.#waits;
    this.#waits = [];
    return waits.length === 0 ? undefined : allOf(waits);
  }

  /** Whoever finishes a file asks for its end. */
  override finish(): void {}

  #giveCollected(): void {
    if (this.index > 0) {
      this.#give(this.getBytes());
      this.index = 0;
    }
  }

  #give(piece: Uint8Array): void {
    const wait = this.#sink(piece);
    if (wait !== undefined) {
      this.#waits.push(wait);
    }
  }
}

async function allOf(waits: readonly Promise<void>[]): Promise<void> {
  await Promise.all(waits);
}

export type PageCompressor = (page: Uint8Array) => Uint8Array;

/** How the file's footer calls it. */
export const CODECS = { gzip: "GZIP", none: "UNCOMPRESSED", snappy: "SNAPPY", zstd: "ZSTD" } as const;

const ZSTD_OPTIONS = { chunkSize: 262_144, params: { [constants.ZSTD_c_compressionLevel]: 3 } };

const compressors: Readonly<Record<ParquetCompression, PageCompressor>> = {
  gzip: (page) => gzipSync(page, { chunkSize: 262_144 }),
  none: (page) => page,
  snappy: snappyCompress,
  zstd: (page) => zstdCompressSync(page, ZSTD_OPTIONS),
};

/** The pages of a file as they are before compression have one digest, whatever compresses them. */
export function createPageDigest(compression: ParquetCompression) {
  const digest = createHash("sha256");
  const compress = compressors[compression];
  return {
    compress: (page: Uint8Array) => {
      digest.update(page);
      return compress(page);
    },
    digest: () => digest.digest("base64"),
  };
}
