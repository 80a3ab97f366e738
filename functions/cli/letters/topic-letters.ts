import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type { TopicLetter } from "../../../shared/kafka/produce/letter-topic.ts";
import { withRecord } from "../../../shared/wire/events/dead-letter.ts";
import { encodeSettled, readLetterRecord } from "../../../shared/wire/events/dead-letter-record.ts";
import { decodeDeadLetter } from "../../../shared/wire/events/decode-dead-letter.ts";
import { letterName } from "./letter-name.ts";

/** A record of a topic of dead letters. */
export function readTopicLetter(record: KafkaRecord): TopicLetter {
  const read = readLetterRecord(record);
  if (read.kind !== "letter") {
    return read;
  }
  const letter = decodeDeadLetter(read.about);
  if (letter === undefined) {
    return { kind: "foreign" };
  }
  // Of the record that was given up: the letter's own timestamp is that of the failure.
  const { timestamp = "0", timestampType = "CreateTime" } = JSON.parse(read.about);
  const original = { ...read.record, offset: letter.offset, timestamp: BigInt(timestamp), timestampType };
  return { kind: "letter", id: letterName(letter), body: withRecord(read.about, original) };
}

export const settleLetters = encodeSettled;
