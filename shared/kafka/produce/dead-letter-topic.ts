// Dead-letter topic
//
// One record per letter: the key and the value of the record that is given up, its headers,
// and behind them what the letter says.
//
//   DT1  All letters of one partition are in one partition here, in the order of their failures, whatever their keys
//        are: a record may have none.
//   DT2  A letter is kept whatever its record's size is: one that the topic does not take goes without what is in it,
//        which stays in Kafka at the letter's coordinates.

import { DeadLetterError } from "../../core/errors.ts";
import { type DeadLetter, type DeadLetterTarget, deadLetterId } from "../../core/failure/dead-letter.ts";
import type { KafkaOptions } from "../connection/kafka-options.ts";
import type { NewRecord } from "./encode-batch.ts";
import { createRecordProducer, type RecordProducer, RecordTooLargeError } from "./record-producer.ts";

export interface KafkaDeadLettersOptions {
  readonly kafka: KafkaOptions;
  readonly topic: string;
  /** `isCut`: without key, value and headers of its own. */
  readonly encode: (letter: DeadLetter, options: { readonly isCut: boolean }) => Omit<NewRecord, "timestamp">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Nothing is connected to before the first letter. */
export function createKafkaDeadLetters({ kafka, topic, encode, now }: KafkaDeadLettersOptions): DeadLetterTarget {
  let producer: RecordProducer | undefined;
  const append = (letter: DeadLetter, isCut: boolean) => {
    producer ??= createRecordProducer(kafka);
    // As of now, and not as of the record: what is older than the topic keeps would be gone at once.
    const record = { timestamp: BigInt(now()), ...encode(letter, { isCut }) };
    return producer.append(topic, record, (partitions) => letter.partition % partitions);
  };
  return {
    async send(letter) {
      try {
        await append(letter, false).catch((error: unknown) => {
          if (error instanceof RecordTooLargeError) {
            return append(letter, true);
          }
          throw error;
        });
      } catch (cause) {
        const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new DeadLetterError(`dead letter ${deadLetterId(letter)} was not taken by topic ${topic}: ${why}`, {
          cause,
        });
      }
    },
  };
}
