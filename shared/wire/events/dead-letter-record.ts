// Dead letter record
//
// A dead letter as a record of a Kafka topic: the record that was given up as it was, and
// behind its own headers those that say why. Tools know the names of Kafka Connect's (KIP-298); the whole
// letter is in one header of ours, as the JSON of a queue's message without the record.
//
//   DLR1  Key, value and headers are the record's own, byte for byte and in their order; null stays null.
//   DLR2  Our headers are the last ones: a letter about a letter, which has such headers itself, reads back.

import type { DeadLetter } from "../../core/failure/dead-letter.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { KafkaRecord, RecordHeader } from "../../core/source/range-reader.ts";
import { letterHead } from "./dead-letter.ts";

export interface LetterRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}

const LETTER = "__ranges.letter";
/** Says that the letters of an id that lie below an offset of the partition are done. */
const SETTLED = "__ranges.settled";

/** `isCut`: without what is in the record, for a topic that does not take its size. */
export function encodeLetterRecord(letter: DeadLetter, { isCut }: { readonly isCut: boolean }): LetterRecord {
  const { record, chain, topic, partition, offset, error, attempt, kind } = letter;
  const bytes = record === undefined ? {} : { keyBytes: record.key?.length, valueBytes: record.value?.length };
  const about = {
    ...letterHead(letter),
    ...(record === undefined
      ? { note: "the record could not be read" }
      : { timestamp: record.timestamp.toString(), timestampType: record.timestampType }),
    ...(isCut ? { note: "the topic does not take a record of this size", ...omitUndefined(bytes) } : {}),
  };
  const said: readonly (readonly [string, string])[] = [
    ["__connect.errors.topic", topic],
    ["__connect.errors.partition", partition.toString()],
    ["__connect.errors.offset", offset.toString()],
    ["__connect.errors.connector.name", chain.pipeline],
    ["__connect.errors.exception.class.name", error.name],
    ["__connect.errors.exception.message", error.message],
    ["__connect.errors.exception.stacktrace", error.stack ?? ""],
    ["__ranges.kind", kind],
    ["__ranges.attempt", attempt.toString()],
    [LETTER, JSON.stringify(about)],
  ];
  const { key, value, headers } = record === undefined || isCut ? NOTHING : record;
  return {
    key,
    value,
    headers: [...headers, ...said.map(([name, text]) => ({ key: name, value: Buffer.from(text) }))],
  };
}

const NOTHING: LetterRecord = { key: null, value: null, headers: [] };
/** As many as `encodeLetterRecord` adds. */
const OWN_HEADERS = 10;

/** What says that every letter of the id below the offset of its partition is done. */
export function encodeSettled(id: string, untilOffset: bigint): LetterRecord {
  const value = Buffer.from(JSON.stringify({ id, untilOffset: untilOffset.toString() }));
  return { ...NOTHING, headers: [{ key: SETTLED, value }] };
}

export type ReadLetterRecord =
  /** `about` is the letter's JSON; `record` is as it was given up. */
  | { readonly kind: "letter"; readonly about: string; readonly record: LetterRecord }
  | { readonly kind: "settled"; readonly id: string; readonly untilOffset: bigint }
  /** Of somebody else. */
  | { readonly kind: "foreign" };

export function readLetterRecord({ key, value, headers }: Pick<KafkaRecord, keyof LetterRecord>): ReadLetterRecord {
  const last = headers.at(-1);
  if (last?.value == null) {
    return { kind: "foreign" };
  }
  if (last.key === LETTER) {
    return {
      kind: "letter",
      about: last.value.toString(),
      record: { key, value, headers: headers.slice(0, -OWN_HEADERS) },
    };
  }
  return last.key === SETTLED ? readSettled(last.value.toString()) : { kind: "foreign" };
}

function readSettled(text: string): ReadLetterRecord {
  try {
    const { id, untilOffset } = JSON.parse(text);
    return { kind: "settled", id: String(id), untilOffset: BigInt(untilOffset) };
  } catch {
    return { kind: "foreign" };
  }
}
