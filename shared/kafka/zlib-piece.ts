import type { ZlibOptions } from "node:zlib";

/** Few batches expand by more; one that does is put together from several pieces. */
const USUAL_EXPANSION = 8;
const MIN_PIECE_BYTES = 1_024;
const MAX_PIECE_BYTES = 262_144;

/** A synchronous decoder of node:zlib. */
type Decoder = (input: Buffer, options: ZlibOptions) => Buffer;

export interface DecodedPiece {
  readonly output: Buffer;
  /** How many bytes of the input it was made of: a decoder ends where its stream does. */
  readonly consumed: number;
}

export function zlibOptions({ length }: Buffer, maxOutputLength: number) {
  return {
    maxOutputLength,
    chunkSize: Math.min(Math.max(length * USUAL_EXPANSION, MIN_PIECE_BYTES), MAX_PIECE_BYTES),
  };
}

/** Decodes the stream that the input begins with. */
export function decodePiece(decode: Decoder, input: Buffer, options: ZlibOptions): DecodedPiece {
  // Documented for `info`, but not in the types.
  const { buffer, engine } = decode(input, { ...options, info: true }) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  return { output: buffer, consumed: engine.bytesWritten };
}
