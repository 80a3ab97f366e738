import { promisify } from "node:util";
import { gzip, zstdCompress } from "node:zlib";

/** Kafka's `compression.type`, of what Node.js compresses natively. */
export type OutputCompression = "none" | "gzip" | "zstd";

export const OUTPUT_COMPRESSIONS: readonly OutputCompression[] = ["none", "gzip", "zstd"];

type Compress = (bytes: Buffer) => Promise<Buffer>;

/** The codec's number in a batch's attributes, and what compresses off the main thread. */
export const CODECS: Readonly<Record<OutputCompression, { readonly number: number; readonly compress: Compress }>> = {
  none: { number: 0, compress: async (bytes) => bytes },
  gzip: { number: 1, compress: (bytes) => promisify(gzip)(bytes) },
  zstd: { number: 4, compress: (bytes) => promisify(zstdCompress)(bytes) },
};
