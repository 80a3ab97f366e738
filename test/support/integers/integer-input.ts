// Integer input
//
// Unique integers in a random but repeatable order, dealt to the partitions of a
// topic by two kinds of producers at once.
//
//   II1  Every integer below the count is committed once.
//   II2  Aborted transactions write integers that no other record has: none may be seen.

import { Kafka, logLevel, type Producer } from "kafkajs";
import { createRandom } from "../../local/demo/seeded-random.ts";

const BATCH = 750;
/** One transaction of so many is aborted. */
const ABORT_EVERY = 5;

export interface IntegerInput {
  /** By partition, then by producer: the integers in the order in which they were written. */
  readonly written: ReadonlyMap<number, readonly (readonly number[])[]>;
  /** Resolves once everything is acknowledged; what comes later is written meanwhile. */
  produce(share: number): Promise<void>;
  close(): Promise<void>;
}

export interface IntegerInputOptions {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly partitions: number;
  readonly count: number;
  readonly seed: number;
}

export async function openIntegerInput(options: IntegerInputOptions): Promise<IntegerInput> {
  const { bootstrapServers, topic, partitions, count, seed } = options;
  const kafka = new Kafka({ brokers: bootstrapServers.split(","), clientId: "integers", logLevel: logLevel.NOTHING });
  const settings = { idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false };
  const plain = kafka.producer(settings);
  const transactional = kafka.producer({ ...settings, transactionalId: `integers-${topic}` });
  await Promise.all([plain.connect(), transactional.connect()]);
  const random = createRandom(seed);
  const integers = shuffled(count, random);
  const written = new Map(
    [...Array(partitions).keys()].map((partition) => [partition, [[], []] as [number[], number[]]]),
  );
  let position = 0;
  let transactions = 0;

  const deal = (numbers: readonly number[], producer: 0 | 1) =>
    numbers.map((number) => {
      const partition = Math.floor(random() * partitions);
      written.get(partition)?.[producer].push(number);
      return { partition, key: null, value: String(number) };
    });
  const sendPlain = async (numbers: readonly number[]) => {
    await plain.send({ topic, acks: -1, messages: deal(numbers, 0) });
  };
  const sendTransaction = async (numbers: readonly number[]) => {
    transactions += 1;
    if (transactions % ABORT_EVERY === 0) {
      await abort(
        transactional,
        topic,
        numbers.map((number) => ({ partition: number % partitions, value: String(number + count) })),
      );
    }
    const transaction = await transactional.transaction();
    await transaction.send({ topic, messages: deal(numbers, 1) });
    await transaction.commit();
  };

  return {
    written,
    produce: async (share) => {
      const end = Math.round(count * share);
      while (position < end) {
        const first = integers.slice(position, Math.min(position + BATCH, end));
        const second = integers.slice(position + first.length, Math.min(position + 2 * BATCH, end));
        position += first.length + second.length;
        await Promise.all([sendPlain(first), second.length === 0 ? undefined : sendTransaction(second)]);
      }
    },
    close: async () => {
      await Promise.all([plain.disconnect(), transactional.disconnect()]);
    },
  };
}

async function abort(
  producer: Producer,
  topic: string,
  messages: { readonly partition: number; readonly value: string }[],
): Promise<void> {
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages });
  await transaction.abort();
}

/** Fisher and Yates. */
function shuffled(count: number, random: () => number): readonly number[] {
  const numbers = [...Array(count).keys()];
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other] ?? 0, numbers[last] ?? 0];
  }
  return numbers;
}
