// Compressed streams
//
// Several streams of one codec in the place of one, as producers write them that
// flush, or that pass on what was compressed before.

import { compress, type TestCodec } from "./record-batch-encoder.ts";

const EMPTY = Buffer.alloc(0);

export interface StreamedCompression {
  readonly name: string;
  readonly codec: TestCodec;
  readonly compress: (plain: Buffer) => Buffer;
}

/** A skippable frame, of zstd and lz4 alike. */
export function skippableFrame(data: Buffer, nibble = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + nibble, 0);
  header.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, data]);
}

/** The bytes cut at the offsets, each piece a stream of its own. */
function compressPieces(codec: TestCodec, plain: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.filter((cut) => cut <= plain.length).sort((a, b) => a - b), plain.length];
  return ends.map((end, index) => compress(codec, plain.subarray(index === 0 ? 0 : ends[index - 1], end)));
}

/** What a codec's streams may look like; `cuts` say where one ends and the next begins. */
export function streamsOf(codec: TestCodec, cuts: readonly number[]): readonly StreamedCompression[] {
  const pieces = (plain: Buffer) => compressPieces(codec, plain, cuts);
  const empty = compress(codec, EMPTY);
  const between = (separator: Buffer) => (plain: Buffer) =>
    Buffer.concat([separator, ...pieces(plain).flatMap((piece) => [piece, separator])]);
  const streams = [
    { name: "streams behind each other", codec, compress: (plain: Buffer) => Buffer.concat(pieces(plain)) },
    { name: "streams with empty ones among them", codec, compress: between(empty) },
  ];
  const skippable = { name: "frames with skippable ones among them", codec };
  return codec === "zstd" || codec === "lz4"
    ? [
        ...streams,
        { ...skippable, compress: between(Buffer.concat([skippableFrame(EMPTY), skippableFrame(empty, 15)])) },
      ]
    : streams;
}
