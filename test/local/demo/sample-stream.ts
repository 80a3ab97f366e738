// Sample stream
//
// Produces text lines, with keys and headers, skewed over the partitions of a
// topic, and knows exactly what the log holds of them.
//
//   SS1  The producer is idempotent and has one request under way. A request whose
//        answer was lost is sent again as it was, under the same sequence numbers,
//        until it is acknowledged: the broker, also after a SIGKILL and a restart,
//        recognises what it has and stores nothing twice.
//   SS2  Nothing else is sent before that: a later batch never takes the sequence
//        numbers of one whose fate is unknown.
//   SS3  Only acknowledged records are counted; `stop` says whether any is left whose
//        fate is unknown, and then only a read of the topic tells the true input.

import { Kafka, type Message, type Producer } from "kafkajs";
import { pause } from "../../../functions/local/process/pause.ts";
import { silentKafkaOptions } from "../../../functions/local/servers/silent-kafka.ts";
import { createServedTopics } from "../../../functions/local/topics/create-served-topics.ts";
import { addWords, SAMPLE_LINES } from "./sample-lines.ts";
import { createRandom, pickWeighted } from "./seeded-random.ts";

const TICK_MS = 100;
const RETRY_MS = 250;
const STOP_DEADLINE_MS = 60_000;

export interface SampleStreamOptions {
  readonly bootstrapServers: string;
  readonly topic: string;
  /** @default 12 */
  readonly partitions?: number;
  /** @default 400 */
  readonly recordsPerSecond?: number;
  /** Chooses lines and partitions: the same seed gives the same records. @default 1 */
  readonly seed?: number;
  /** Told once per outage: what is waited for. @default nobody */
  readonly onWaiting?: (what: string) => void;
}

export interface SampleTotals {
  readonly records: number;
  readonly words: ReadonlyMap<string, number>;
  /** Records sent but never acknowledged before the deadline: each may or may not be in the log. */
  readonly unresolved: number;
}

export interface SampleStream {
  /** What is acknowledged so far. */
  totals(): SampleTotals;
  /** Ends after the request under way is acknowledged, or at the deadline. */
  stop(deadlineMs?: number): Promise<SampleTotals>;
}

/** Creates the topic unless it exists, and returns once the first records are acknowledged. */
export async function startSampleStream(options: SampleStreamOptions): Promise<SampleStream> {
  const { partitions = 12 } = options;
  const kafka = new Kafka(silentKafkaOptions("sample-stream", options.bootstrapServers));
  await createTopic(kafka, options.topic, partitions);
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    // Few of its own, so that an outage is told soon; the loop below goes on without end.
    retry: { retries: 2 },
  });
  await producer.connect();
  const run = new Run(producer, options);
  await run.produceNext(1);
  const ended = run.produceUntilStopped();
  return {
    totals: () => run.totals(),
    stop: async (deadlineMs = STOP_DEADLINE_MS) => {
      run.stopping.abort();
      const deadline = setTimeout(() => run.givingUp.abort(), deadlineMs);
      await ended;
      clearTimeout(deadline);
      await producer.disconnect();
      return run.totals();
    },
  };
}

class Run {
  /** Nothing more is to be sent. */
  readonly stopping = new AbortController();
  /** What is under way is not to be tried again. */
  readonly givingUp = new AbortController();
  readonly #producer: Producer;
  readonly #options: SampleStreamOptions;
  readonly #nextMessage: () => Message & { value: string };
  readonly #words = new Map<string, number>();
  #records = 0;
  #unresolved = 0;

  constructor(producer: Producer, options: SampleStreamOptions) {
    this.#producer = producer;
    this.#options = options;
    this.#nextMessage = createMessages(options);
  }

  totals(): SampleTotals {
    return { records: this.#records, words: new Map(this.#words), unresolved: this.#unresolved };
  }

  async produceUntilStopped(): Promise<void> {
    const { recordsPerSecond = 400 } = this.#options;
    const startedAt = Date.now();
    let produced = 0;
    while (!this.stopping.signal.aborted) {
      const due = Math.floor(((Date.now() - startedAt) * recordsPerSecond) / 1_000) - produced;
      // After an outage the rest of the backlog is dropped: the stream has a rate, not a debt.
      await this.produceNext(Math.min(due, recordsPerSecond));
      produced += due;
      await pause(TICK_MS, this.stopping.signal);
    }
  }

  async produceNext(count: number): Promise<void> {
    if (count <= 0) {
      return;
    }
    const messages = Array.from({ length: count }, this.#nextMessage);
    this.#unresolved = count;
    if (await this.#sendUntilAcknowledged(messages)) {
      this.#unresolved = 0;
      this.#records += count;
      addWords(
        this.#words,
        messages.map(({ value }) => value),
      );
    }
  }

  async #sendUntilAcknowledged(messages: Message[]): Promise<boolean> {
    for (let tries = 0; !this.givingUp.signal.aborted; tries += 1) {
      try {
        await this.#producer.send({ topic: this.#options.topic, acks: -1, messages });
        return true;
      } catch (error) {
        if (tries === 0) {
          this.#options.onWaiting?.(`Kafka to acknowledge ${messages.length} records (${describe(error)})`);
        }
        await pause(RETRY_MS, this.givingUp.signal);
      }
    }
    return false;
  }
}

/** Partition p gets a share of 1 / (p + 1): the first has many times the records of the last. */
function createMessages({ partitions = 12, seed = 1 }: SampleStreamOptions): () => Message & { value: string } {
  const random = createRandom(seed);
  const shares = Array.from({ length: partitions }, (_, partition) => 1 / (partition + 1));
  let line = 0;
  return () => {
    line += 1;
    return {
      partition: pickWeighted(shares, random()),
      key: `writer-${Math.floor(random() * 100)}`,
      value: SAMPLE_LINES[Math.floor(random() * SAMPLE_LINES.length)] ?? "",
      headers: { line: String(line), language: "en" },
    };
  };
}

async function createTopic(kafka: Kafka, topic: string, numPartitions: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  // -1: the cluster's own default, which suits one node as well as a user's cluster.
  await createServedTopics(admin, [{ topic, numPartitions, replicationFactor: -1 }]);
  await admin.disconnect();
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
