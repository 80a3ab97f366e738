import { createHash } from "node:crypto";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { ByteWriter } from "hyparquet-writer";
import type { ContentSink } from "../../format/archive-format.ts";
import { snappyCompress } from "./snappy.ts";

/** What compresses the pages of a file. */
export type ParquetCompression = "gzip" | "none" | "snappy" | "zstd";

const FIRST_BUFFER_BYTES = 65_536;

/** Collects bytes, and gives them out as a whole. */
export class PageWriter extends ByteWriter {
  readonly #sink: ContentSink;

  constructor(sink: ContentSink) {
    super(FIRST_BUFFER_BYTES);
    this.#sink = sink;
  }

  /** Everything since it was asked last. */
  give(): Promise<void> | undefined {
    const piece = this.getBytes();
    this.index = 0;
    return this.#sink(piece);
  }

  /** Whoever finishes a file asks for its end. */
  override finish(): void {}
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
