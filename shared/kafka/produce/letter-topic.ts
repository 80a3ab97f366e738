// Letter topic
//
// A topic of dead letters as an operator looks through it. Nothing in a log can be deleted
// but its beginning, so that a letter is done once a record behind it, in its own partition, says so: what
// is left of the log by retention always has both, or the letter not.

import { ConfigurationError } from "../../core/errors.ts";
import type { LetterStore, StoredLetter } from "../../core/failure/letter-store.ts";
import { type ListedOffset, listedOffset, type PartitionMetadata } from "../../core/source/offset-source.ts";
import type { KafkaRecord, RangeReader } from "../../core/source/range-reader.ts";
import type { KafkaOptions } from "../connection/kafka-options.ts";
import { createKafkaOffsetSource } from "../offsets/offset-source.ts";
import { createKafkaRangeReader } from "../read/range-reader.ts";
import type { NewRecord } from "./encode-batch.ts";
import { createRecordProducer } from "./record-producer.ts";

/** What a record of the topic is. `id` names the letter, of its pipeline. */
export type TopicLetter =
  | { readonly kind: "letter"; readonly id: string; readonly body: string }
  | { readonly kind: "settled"; readonly id: string; readonly untilOffset: bigint }
  | { readonly kind: "foreign" };

export interface LetterTopicOptions {
  readonly kafka: KafkaOptions;
  readonly topic: string;
  readonly read: (record: KafkaRecord) => TopicLetter;
  /** The record that says that the letters of the id below the offset are done. */
  readonly settle: (id: string, untilOffset: bigint) => Omit<NewRecord, "timestamp">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const ISOLATION = "read_committed";

export function openLetterTopic(options: LetterTopicOptions): LetterStore {
  const { kafka, topic } = options;
  const source = createKafkaOffsetSource(kafka);
  const reader = createKafkaRangeReader({ ...kafka, requireConsecutiveOffsets: false, rackId: "" });
  const producer = createRecordProducer(kafka);
  return {
    async *browse(_scope, signal) {
      const { partitions, forbidden: [forbidden] = [] } = await source.describe({ topics: [topic] });
      if (partitions.length === 0) {
        throw new ConfigurationError(forbidden?.reason ?? `topic ${topic} does not exist; check --target`);
      }
      const [begins, ends] = await Promise.all([
        source.listOffsets(partitions, "earliest", ISOLATION),
        source.listOffsets(partitions, "latest", ISOLATION),
      ]);
      for (const [index, partition] of partitions.entries()) {
        const fromOffset = offsetOf(begins[index]);
        const untilOffset = offsetOf(ends[index]);
        yield* await openLetters(reader, { ...options, partition, fromOffset, untilOffset, signal });
      }
    },
    async remove(copies, signal) {
      const places = copies.map(({ copy }) => placeOf(copy));
      const byLetter = Map.groupBy(places, ({ partition, id }) => `${partition} ${id}`);
      for (const [first, ...others] of byLetter.values()) {
        signal.throwIfAborted();
        if (first !== undefined) {
          const { partition, id } = first;
          const last = [first, ...others].reduce((a, b) => (a.offset < b.offset ? b : a));
          const record = { timestamp: BigInt(options.now()), ...options.settle(id, last.offset + 1n) };
          await producer.append(topic, record, () => partition);
        }
      }
    },
    close: async () => {
      producer.close();
      await Promise.all([source.close(), reader.close()]);
    },
  };
}

function offsetOf(listed: ListedOffset | undefined): bigint {
  if (listed?.kind === "failed") {
    throw listed.error;
  }
  return listedOffset(listed) ?? 0n;
}

interface Look extends LetterTopicOptions {
  readonly partition: PartitionMetadata;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly signal: AbortSignal;
}

/** Those of one partition that nothing behind them says to be done. */
async function openLetters(reader: RangeReader, look: Look): Promise<readonly StoredLetter[]> {
  const { topic, partition: found, fromOffset, untilOffset, signal } = look;
  const { partition, topicId } = found;
  const range = { topic, partition, fromOffset, untilOffset };
  const open = new Map<string, (StoredLetter & { readonly offset: bigint })[]>();
  for await (const record of reader.readRange({ range, isolationLevel: ISOLATION, topicId, signal }).records()) {
    const said = look.read(record);
    if (said.kind === "letter") {
      const { id, body } = said;
      const { offset } = record;
      const letter = { copy: `${partition} ${offset} ${id}`, keptAt: Number(record.timestamp), body, offset };
      open.set(id, [...(open.get(id) ?? []), letter]);
    } else if (said.kind === "settled") {
      const { id, untilOffset: settled } = said;
      open.set(
        id,
        (open.get(id) ?? []).filter(({ offset }) => offset >= settled),
      );
    }
  }
  return [...open.values()].flat();
}

function placeOf(copy: string) {
  const [partition = "", offset = "", ...id] = copy.split(" ");
  return { partition: Number(partition), offset: BigInt(offset), id: id.join(" ") };
}
