import { BatchProcessorError, ConfigurationError, CorruptRecordError } from "../../core/errors.ts";
import { DecompressedSizeError } from "./decompressed-size-error.ts";
import { decompressGzip } from "./gzip.ts";
import { decompressLz4 } from "./lz4.ts";
import { decompressSnappy } from "./snappy.ts";
import { decompressZstd } from "./zstd.ts";

export interface DecompressContext {
  /** More than this is refused before it is allocated. */
  readonly maxBytes: number;
  /** Of the batch, for messages. */
  readonly baseOffset: bigint;
}

interface Codec {
  readonly name: string;
  /** Throws DecompressedSizeError, or whatever the codec throws for malformed input. */
  readonly decompress: (compressed: Buffer, maxBytes: number) => Buffer;
}

/** By the codec number in a batch's attributes. */
const CODECS: Readonly<Record<number, Codec>> = {
  1: { name: "gzip", decompress: decompressGzip },
  2: { name: "snappy", decompress: decompressSnappy },
  3: { name: "lz4", decompress: decompressLz4 },
  4: { name: "zstd", decompress: decompressZstd },
};

/** Throws CorruptRecordError for malformed input, ConfigurationError when it expands beyond the limit. */
export function decompress(codec: number, compressed: Buffer, { maxBytes, baseOffset }: DecompressContext): Buffer {
  const entry = CODECS[codec];
  const what = `the batch at offset ${baseOffset}`;
  if (entry === undefined) {
    throw new CorruptRecordError(`${what} uses the unknown compression codec ${codec}`);
  }
  try {
    return entry.decompress(compressed, maxBytes);
  } catch (error) {
    if (error instanceof BatchProcessorError) {
      throw error;
    }
    if (isTooLarge(error)) {
      throw new ConfigurationError(
        `${what} expands beyond maxDecompressedBatchBytes ${maxBytes} (${entry.name}); raise it if the topic is meant to hold such batches`,
        { cause: error },
      );
    }
    throw new CorruptRecordError(`${what} cannot be decompressed (${entry.name})`, { cause: error });
  }
}

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof DecompressedSizeError ||
    (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
  );
}
