// Dead letter codec
//
// A dead letter as JSON text: a queue's message, or an object of a bucket. Bytes that are UTF-8 are kept as
// text, others in base64; offsets and timestamps are decimal strings.
//
//   DL1  The text never exceeds the size that its store takes. What is cut says so, with the size
//        that it had: the record itself stays in Kafka, at the letter's coordinates.
//   DL2  The key is cut last, after the headers and the value: it says what it was about.

import { isUtf8 } from "node:buffer";
import { type DeadLetter, deadLetterId } from "../../core/failure/dead-letter.ts";
import { MAX_DEAD_LETTER_BYTES } from "../../core/limits.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { KafkaRecord } from "../../core/source/range-reader.ts";
import { toJson } from "../json/json.ts";

interface EncodedBytes {
  readonly encoding: "utf8" | "base64";
  readonly text: string;
  /** Present when `text` is only the beginning: how many bytes there were. */
  readonly cutFromBytes?: number;
}

/** `maxBytes`: of the text, in UTF-8. */
export function encodeDeadLetter(letter: DeadLetter, maxBytes = MAX_DEAD_LETTER_BYTES): string {
  const { record } = letter;
  const head = letterHead(letter);
  if (record === undefined) {
    return toText({ ...head, note: "the record could not be read" });
  }
  return toText({ ...head, record: encodeRecord(record, maxBytes - textBytes(head)) });
}

/** A letter's JSON without its record, with the record that it is about. */
export function withRecord(about: string, record: KafkaRecord): string {
  return toText({ ...JSON.parse(about), record: encodeRecord(record, Number.POSITIVE_INFINITY) });
}

/** All of a letter but its record. */
export function letterHead(letter: Omit<DeadLetter, "record">): object {
  const { chain, topic, partition, offset, kind, error, attempt, failedAt, invocation } = letter;
  const { pipeline, topicId, requestId } = chain;
  const place = { pipeline, topicId, topic, partition, offset: offset.toString() };
  const request = omitUndefined({ requestId });
  const when = failedAt === undefined ? {} : { failedAt: new Date(failedAt).toISOString() };
  return {
    version: 1,
    id: deadLetterId(letter),
    kind,
    ...place,
    ...request,
    attempt,
    ...when,
    error: toJson(error),
    ...omitUndefined({ invocation }),
  };
}

function encodeRecord({ timestamp, timestampType, key, value, headers }: KafkaRecord, maxBytes: number) {
  const times = { timestamp: timestamp.toString(), timestampType };
  let left = maxBytes - textBytes({ record: { ...times, key: null, value: null, headers: [], cutHeaders: 0 } });
  const encode = (bytes: Buffer | null) => {
    const encoded = encodeBytes(bytes, left);
    left -= textBytes(encoded);
    return encoded;
  };
  const encodedKey = encode(key);
  const encodedHeaders = [];
  for (const header of headers) {
    // A header's punctuation, and its value when nothing of it is kept.
    const overhead = textBytes({ key: header.key, value: EMPTIED }) + 1;
    if (overhead > left) {
      break;
    }
    left -= overhead - textBytes(EMPTIED);
    encodedHeaders.push({ key: header.key, value: encode(header.value) });
  }
  const cut = headers.length - encodedHeaders.length;
  return {
    ...times,
    key: encodedKey,
    value: encode(value),
    headers: encodedHeaders,
    ...(cut === 0 ? {} : { cutHeaders: cut }),
  };
}

/** The longest that bytes of which nothing is kept may be written as. */
const EMPTIED: EncodedBytes = { encoding: "base64", text: "", cutFromBytes: 2 ** 31 };

function encodeBytes(bytes: Buffer | null, maxBytes: number): EncodedBytes | null {
  if (bytes === null) {
    return null;
  }
  const encoding = isUtf8(bytes) ? "utf8" : "base64";
  // How much escapes and base64 add is only known afterwards: half of it is tried, and so on.
  for (let kept = Math.min(bytes.length, Math.max(maxBytes, 0)); kept > 0; kept = Math.floor(kept / 2)) {
    const end = encoding === "utf8" ? characterStart(bytes, kept) : kept;
    const whole: EncodedBytes = { encoding, text: bytes.toString(encoding, 0, end) };
    const encoded = end === bytes.length ? whole : { ...whole, cutFromBytes: bytes.length };
    if (textBytes(encoded) <= maxBytes) {
      return encoded;
    }
  }
  return bytes.length === 0 ? { encoding, text: "" } : { encoding, text: "", cutFromBytes: bytes.length };
}

/** `end`, or where the character begins that it would cut through. */
function characterStart(bytes: Buffer, end: number): number {
  let start = end;
  while (start > 0 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) {
    start -= 1;
  }
  return start;
}

/** SQS refuses a message with one of these two, also inside of a JSON string. */
const REFUSED = /[\uFFFE\uFFFF]/g;

function toText(value: unknown): string {
  return JSON.stringify(value).replace(REFUSED, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}

function textBytes(value: unknown): number {
  return Buffer.byteLength(toText(value));
}
