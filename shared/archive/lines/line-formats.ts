// Line formats
//
// Records as lines of text, or as their bytes one behind the other.

import { ConfigurationError, InvalidOutputError } from "../../core/errors.ts";
import {
  CHECKED_ELSEWHERE,
  type OptionRule,
  type OptionRules,
  oneOf,
  requireOptions,
} from "../../core/options/require-options.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ArchiveFormat } from "../format/archive-format.ts";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";
import { BlockMemory } from "../format/block-memory.ts";
import type { EnvelopeFields } from "../format/envelope-fields.ts";
import { BLOCK_BYTES, MAX_KEPT_BLOCKS } from "../format/limits.ts";
import { BlockEncoder, type BlockEncoderOptions } from "./block-encoder.ts";
import { DEFAULT_LEVELS, type LineCompression, MAX_LEVELS } from "./compressors.ts";
import { ENCODING, type EnvelopeOptions, envelopeText } from "./envelope.ts";
import { type LineEnvelopeOptions, lineEnvelope } from "./line-envelope.ts";

/** How lines and bytes are compressed. */
export interface LineCompressionOptions {
  /** @default "gzip" */
  readonly compression?: LineCompression;
  /** From 1 to 9 for gzip, to 19 for zstd. @default 6 for gzip, 3 for zstd */
  readonly level?: number;
}

/** What the lines of `jsonLines` are. */
export interface JsonLinesOptions extends LineCompressionOptions {
  /**
   * A line is the record's value as it is, one with its key, headers, offset and timestamp around it, or what the
   * function answers: text, or what becomes JSON.
   *
   * @default - the value as it is
   */
  readonly line?: "value" | EnvelopeOptions | ((record: ArchiveRecord) => unknown);
  /**
   * What becomes of a line break in a value that is written as it is: `refuse` blames the record, `space` puts a space
   * in its place, which leaves JSON what it is.
   *
   * @default "refuse"
   */
  readonly lineBreaks?: "refuse" | "space";
  /** Fields of the record itself in front of those of its line, a JSON object; no name may be one of theirs. @default - none */
  readonly envelope?: EnvelopeFields<LineEnvelopeOptions>;
}

const COMPRESSION_RULES: OptionRules<LineCompressionOptions> = {
  compression: oneOf("gzip", "zstd", "none"),
  level: CHECKED_ELSEWHERE,
};
const LINE: OptionRule = {
  expected: `"value", { key, value, headers } or a function`,
  takes: (value) => value === "value" || typeof value === "function" || (typeof value === "object" && value !== null),
};

/** One line of JSON per record; `null` for a tombstone. Throws ConfigurationError for options that are none. */
export function jsonLines(options: JsonLinesOptions = {}): ArchiveFormat {
  requireOptions("jsonLines", options, {
    ...{ ...COMPRESSION_RULES, line: LINE, lineBreaks: oneOf("refuse", "space") },
    envelope: CHECKED_ELSEWHERE,
  });
  const { line = "value", lineBreaks = "refuse", envelope } = options;
  if (typeof line === "object") {
    requireOptions("the envelope of jsonLines", line, { key: ENCODING, value: ENCODING, headers: ENCODING });
    if (envelope !== undefined) {
      throw new ConfigurationError(
        "jsonLines: envelope is given, and the lines have one around the value already; remove it, or line",
      );
    }
  }
  const textOf = textOfLine(line, lineBreaks);
  const add = envelope === undefined ? undefined : lineEnvelope(envelope);
  return lineFormat("jsonl", "application/x-ndjson", options, {
    separator: Buffer.from("\n"),
    textOf: add === undefined ? textOf : (record, place) => add(textOf(record), record, place),
  });
}

/** The values one behind the other, with nothing between: for what has frames of its own. Throws ConfigurationError. */
export function rawBytes(options: LineCompressionOptions = {}): ArchiveFormat {
  requireOptions("rawBytes", options, COMPRESSION_RULES);
  return lineFormat(
    "bin",
    "application/octet-stream",
    { ...options, compression: options.compression ?? "none" },
    {
      separator: Buffer.alloc(0),
      textOf: ({ value }) => (value === null ? EMPTY : bytesOf(value)),
    },
  );
}

const EMPTY = Buffer.alloc(0);
const NULL = Buffer.from("null");
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

const suffixes: Readonly<Record<LineCompression, string>> = { gzip: ".gz", zstd: ".zst", none: "" };

interface LineTexts extends Pick<BlockEncoderOptions, "separator"> {
  readonly textOf: (record: ArchiveRecord, place: TopicPartition) => Uint8Array;
}

function lineFormat(
  extension: string,
  contentType: string,
  { compression = "gzip", level = DEFAULT_LEVELS[compression] }: LineCompressionOptions,
  { separator, textOf }: LineTexts,
): ArchiveFormat {
  const isLevel = Number.isSafeInteger(level) && level >= 1 && level <= MAX_LEVELS[compression];
  if (compression !== "none" && !isLevel) {
    throw new ConfigurationError(`level ${level} of ${compression} is not from 1 to ${MAX_LEVELS[compression]}`);
  }
  const memory = new BlockMemory({ blockBytes: BLOCK_BYTES, maxKept: MAX_KEPT_BLOCKS });
  return {
    extension: `${extension}${suffixes[compression]}`,
    contentType: compression === "none" ? contentType : `application/${compression}`,
    open: (sink, place) =>
      new BlockEncoder({ separator, textOf: (record) => textOf(record, place), compression, level, memory }, sink),
  };
}

function textOfLine(
  line: NonNullable<JsonLinesOptions["line"]>,
  lineBreaks: "refuse" | "space",
): (record: ArchiveRecord) => Uint8Array {
  if (typeof line === "function") {
    return (record) => jsonLine(line(record));
  }
  if (line === "value") {
    return ({ value, offset }) => (value === null ? NULL : oneLine(bytesOf(value), lineBreaks, offset));
  }
  return (record) => Buffer.from(envelopeText(record, line));
}

function jsonLine(made: unknown): Uint8Array {
  if (typeof made === "string" || made instanceof Uint8Array) {
    return oneLine(bytesOf(made), "refuse", undefined);
  }
  const text = JSON.stringify(made, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  return text === undefined ? NULL : Buffer.from(text);
}

function oneLine(value: Buffer, lineBreaks: "refuse" | "space", offset: bigint | undefined): Buffer {
  if (!value.includes(LINE_FEED) && !value.includes(CARRIAGE_RETURN)) {
    return value;
  }
  if (lineBreaks === "refuse") {
    throw new InvalidOutputError(
      `the value${offset === undefined ? "" : ` at offset ${offset}`} has a line break, so that it is no line: give jsonLines lineBreaks "space", which leaves JSON what it is, or line with an envelope`,
      { outputIndex: 0 },
    );
  }
  return Buffer.from(value.map((byte) => (byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte)));
}
