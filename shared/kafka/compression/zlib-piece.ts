/** Few batches expand by more; one that does is put together from several pieces. */
const USUAL_EXPANSION = 8;
const MIN_PIECE_BYTES = 1_024;
const MAX_PIECE_BYTES = 262_144;

/** What the synchronous decoders of node:zlib share. */
interface DecodeOptions {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
  readonly finishFlush?: number;
}

type Decoder = (input: Buffer, options: DecodeOptions) => Buffer;

export interface DecodedPiece {
  readonly output: Buffer;
  /** How many bytes of the input it was made of: a decoder ends where its stream does. */
  readonly consumed: number;
}

export function zlibOptions({ length }: Buffer, maxOutputLength: number): DecodeOptions {
  return {
    maxOutputLength,
    chunkSize: Math.min(Math.max(length * USUAL_EXPANSION, MIN_PIECE_BYTES), MAX_PIECE_BYTES),
  };
}

/** Decodes the stream that the input begins with. */
export function decodePiece(decode: Decoder, input: Buffer, options: DecodeOptions): DecodedPiece {
  // Documented for `info`, but not in the types.
  const asked = { ...options, info: true };
  const { buffer, engine } = decode(input, asked) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  return { output: buffer, consumed: engine.bytesWritten };
}
