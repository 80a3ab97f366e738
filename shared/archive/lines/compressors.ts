import zlib, { type Gzip, type ZstdCompress } from "node:zlib";
import type { ContentSink } from "../format/archive-format.ts";
import { COMPRESSED_PIECE_BYTES } from "../format/limits.ts";

/** What compresses an object as a whole. */
export type LineCompression = "gzip" | "none" | "zstd";

/** Compresses blocks in Node's thread pool, in their order. */
export interface Compressor {
  /** Resolves once the block was compressed, and what came of it was taken. */
  write(block: Buffer): Promise<void> | undefined;
  finish(): Promise<void>;
  destroy(): void;
}

export interface CompressionOptions {
  readonly compression: LineCompression;
  readonly level: number;
}

/** zlib's own default, and zstd's. */
export const DEFAULT_LEVELS: Readonly<Record<LineCompression, number>> = { gzip: 6, zstd: 3, none: 0 };
export const MAX_LEVELS: Readonly<Record<LineCompression, number>> = { gzip: 9, zstd: 19, none: 0 };

/** How far back zstd looks, as a power of two: 1 MiB, so that many open objects stay small. */
const ZSTD_WINDOW_LOG = 20;

/** What a compressor holds while it is open, in bytes. */
export const COMPRESSOR_BYTES: Readonly<Record<LineCompression, number>> = {
  gzip: 270_000 + COMPRESSED_PIECE_BYTES,
  zstd: 2_500_000 + COMPRESSED_PIECE_BYTES,
  none: 0,
};

export function openCompressor({ compression, level }: CompressionOptions, sink: ContentSink): Compressor {
  switch (compression) {
    case "none":
      return { write: sink, finish: () => Promise.resolve(), destroy: () => {} };
    case "gzip":
      return streamCompressor(zlib.createGzip({ level, chunkSize: COMPRESSED_PIECE_BYTES }), sink);
    case "zstd": {
      const params = {
        [zlib.constants.ZSTD_c_compressionLevel]: level,
        [zlib.constants.ZSTD_c_windowLog]: ZSTD_WINDOW_LOG,
        [zlib.constants.ZSTD_c_checksumFlag]: 1,
      };
      return streamCompressor(zlib.createZstdCompress({ params, chunkSize: COMPRESSED_PIECE_BYTES }), sink);
    }
  }
}

function streamCompressor(stream: Gzip | ZstdCompress, sink: ContentSink): Compressor {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const waiting = new Set<(error: Error) => void>();
  const fail = (error: Error) => {
    reject(error);
    for (const refuse of waiting) {
      refuse(error);
    }
  };
  // Whoever writes or finishes hears of it.
  ended.catch(() => {});
  stream.on("error", fail);
  stream.on("end", resolve);
  stream.on("data", (piece: Buffer) => {
    const wait = sink(piece);
    if (wait !== undefined) {
      stream.pause();
      wait.then(
        () => stream.resume(),
        (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    }
  });
  return {
    write: (block) => {
      const written = Promise.withResolvers<void>();
      waiting.add(written.reject);
      stream.write(block, (error) => {
        waiting.delete(written.reject);
        return error == null ? written.resolve() : written.reject(error);
      });
      return written.promise;
    },
    finish: () => {
      stream.end();
      return ended;
    },
    destroy: () => {
      stream.destroy();
      fail(new Error("the object was given up"));
    },
  };
}
