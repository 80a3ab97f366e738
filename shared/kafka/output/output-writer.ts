// Output writer
//
// One attempt's outputs on their way: collected per partition, sent while more is collected, and made
// visible together with the position.
//
//   OW1  Outputs of one call are taken all or none: what can be judged here is judged before.
//   OW2  What a broker refuses later is told by the commit, with the index of the output since the last
//        one; until then the writer is full and takes nothing more.
//   OW3  Nothing is committed behind a failure: the transaction stays open, or is aborted, and what is
//        in it never becomes visible.

import { setTimeout as delay } from "node:timers/promises";
import { DeadlineError, InvalidOutputError, OutputUnavailableError } from "../../core/errors.ts";
import type { OutputPosition, PositionedOutput } from "../../core/output/range-output.ts";
import { formatTopicPartition, type TopicPartition } from "../../core/range/topic-partition.ts";
import {
  ABORT_WAIT_MS,
  MAX_TRANSACTION_BYTES,
  MAX_TRANSACTION_MS,
  MAX_TRANSACTION_RECORDS,
  SEND_BYTES,
} from "../limits.ts";
import { type CheckedRecord, checkRecord, invalid, type KafkaOutputRecord } from "./output-record.ts";
import { PartitionChooser } from "./partitioning/choose-partition.ts";
import type { ProducerSession } from "./producer-session.ts";
import { RecordBuffer } from "./record-buffer.ts";
import { type PartitionBatch, type Sender, sendBatches } from "./send-batches.ts";
import type { TopicLayouts } from "./topic-layouts.ts";
import { asOutputError } from "./transaction-errors.ts";

export interface OutputWriterOptions {
  readonly session: ProducerSession;
  readonly sender: Sender;
  readonly position: OutputPosition;
  /** Of outputs that name none. */
  readonly topic: string | undefined;
  /** The source's, where outputs without a key begin. */
  readonly partition: number;
}

interface Placed {
  readonly record: CheckedRecord;
  readonly partitionCount: number;
}

type Commit = Parameters<PositionedOutput<KafkaOutputRecord>["commit"]>[0];

export class OutputWriter implements PositionedOutput<KafkaOutputRecord> {
  readonly kind = "positioned";
  readonly position: OutputPosition;
  readonly #options: OutputWriterOptions;
  readonly #chooser: PartitionChooser;
  #standsAt: bigint;
  #buffers = new Map<string, PartitionBatch>();
  #bufferedBytes = 0;
  /** By name: what the transaction has taken in. */
  readonly #joined = new Set<string>();
  #beganAt: number | undefined;
  #written = { records: 0, bytes: 0 };
  /** Never rejects. */
  #sending: Promise<void> = Promise.resolve();
  #failure: { readonly by: unknown } | undefined;
  /** Whether an answer is awaited, or never came. */
  #isUncertain = false;

  constructor(options: OutputWriterOptions) {
    this.#options = options;
    this.position = options.position;
    this.#standsAt = options.position.untilOffset;
    this.#chooser = new PartitionChooser(options.partition);
  }

  get isFull(): boolean {
    const { records, bytes } = this.#written;
    const ageMs = this.#beganAt === undefined ? 0 : performance.now() - this.#beganAt;
    return (
      this.#failure !== undefined ||
      bytes >= MAX_TRANSACTION_BYTES ||
      records >= MAX_TRANSACTION_RECORDS ||
      ageMs >= MAX_TRANSACTION_MS
    );
  }

  async write(outputs: readonly KafkaOutputRecord[]): Promise<void> {
    const placed = await this.#place(outputs);
    for (const one of placed) {
      if (this.#isRefused()) {
        return;
      }
      await this.#add(one);
    }
  }

  /** Whether a broker has refused an output, which the commit tells; throws what else has failed. */
  #isRefused(): boolean {
    if (this.#failure !== undefined && !(this.#failure.by instanceof InvalidOutputError)) {
      throw this.#failure.by;
    }
    return this.#failure !== undefined;
  }

  async #place(outputs: readonly KafkaOutputRecord[]): Promise<readonly Placed[]> {
    const { topic, sender } = this.#options;
    const defaults = { topic, timestamp: BigInt(Date.now()) };
    const checked = outputs.map((output, index) => checkRecord(output, index, defaults));
    const placed: Placed[] = [];
    for (const [index, record] of checked.entries()) {
      const partitionCount = await this.#countPartitions(sender.layouts, record);
      if (record.partition !== undefined && record.partition >= partitionCount) {
        const what = `is for partition ${record.partition} of topic ${record.topic}`;
        throw invalid(index, what, `the topic has ${partitionCount} of them`);
      }
      placed.push({ record, partitionCount });
    }
    return placed;
  }

  /** A partition that is not known may be new. */
  async #countPartitions(layouts: TopicLayouts, { topic, partition = 0 }: CheckedRecord): Promise<number> {
    const known = layouts.known(topic);
    if (known !== undefined && partition < known.partitionCount) {
      return known.partitionCount;
    }
    layouts.forget(topic);
    return (await translated(layouts.of(topic))).partitionCount;
  }

  async #add({ record, partitionCount }: Placed): Promise<void> {
    const { topic } = record;
    let partition = this.#chooser.choose(record, partitionCount);
    if (this.#buffers.get(formatTopicPartition({ topic, partition }))?.records.isFullFor(record) === true) {
      await this.#startSending();
      partition = this.#chooser.choose(record, partitionCount);
    }
    const name = formatTopicPartition({ topic, partition });
    const batch = this.#buffers.get(name) ?? { topic, partition, records: new RecordBuffer() };
    this.#buffers.set(name, batch);
    const before = batch.records.byteLength;
    batch.records.add(record, this.#written.records);
    const bytes = batch.records.byteLength - before;
    this.#bufferedBytes += bytes;
    this.#written = { records: this.#written.records + 1, bytes: this.#written.bytes + bytes };
    if (this.#bufferedBytes >= SEND_BYTES) {
      await this.#startSending();
    }
  }

  /** Resolves once what was sent before has its answer: so much is in memory at most twice. */
  async #startSending(): Promise<void> {
    await this.#sending;
    const batches = [...this.#buffers.values()];
    for (const topic of new Set(batches.map((batch) => batch.topic))) {
      this.#chooser.turn(topic);
    }
    this.#buffers = new Map();
    this.#bufferedBytes = 0;
    if (this.#failure === undefined && batches.length > 0) {
      this.#sending = this.#attempt(async () => {
        await this.#join(batches);
        await sendBatches(this.#options.sender, batches);
      }).catch(() => undefined);
    }
  }

  async #join(batches: readonly TopicPartition[]): Promise<void> {
    const added = batches.filter((batch) => !this.#joined.has(formatTopicPartition(batch)));
    if (added.length === 0) {
      return;
    }
    this.#beganAt ??= performance.now();
    await this.#options.session.addPartitions(added.map(({ topic, partition }) => ({ topic, partition })));
    for (const one of added) {
      this.#joined.add(formatTopicPartition(one));
    }
  }

  async commit({ fromPosition, untilOffset, progress }: Commit): Promise<void> {
    await this.#sending;
    this.#requireWhole();
    if (fromPosition !== this.#standsAt) {
      throw new OutputUnavailableError(
        `outputs were to go on from ${fromPosition}, and Kafka has them up to ${this.#standsAt}`,
      );
    }
    const { session, sender } = this.#options;
    const batches = [...this.#buffers.values()];
    await this.#attempt(async () => {
      await this.#join(batches);
      this.#beganAt ??= performance.now();
      await session.addOffsets();
      const written = await Promise.allSettled([
        sendBatches(sender, batches),
        session.writePosition({ offset: untilOffset, metadata: progress }),
      ]);
      const failed = written.find((one) => one.status === "rejected");
      if (failed !== undefined) {
        throw failed.reason;
      }
      await session.end("commit");
    });
    this.#standsAt = untilOffset;
    this.#buffers = new Map();
    this.#bufferedBytes = 0;
    this.#joined.clear();
    this.#beganAt = undefined;
    this.#written = { records: 0, bytes: 0 };
  }

  /** Aborts what is open, so that the topics' readers need not wait for the next attempt; nothing depends on it. */
  async close(): Promise<void> {
    this.#failure ??= { by: new DeadlineError("the attempt at writing outputs is over") };
    await Promise.race([this.#sending, delay(ABORT_WAIT_MS, undefined, { ref: false })]);
    if (this.#beganAt !== undefined && !this.#isUncertain) {
      await this.#options.session.end("abort").catch(() => undefined);
    }
  }

  #requireWhole(): void {
    if (this.#failure !== undefined) {
      throw this.#failure.by;
    }
  }

  /** What fails here, or never ends, ends the session (OW3). */
  async #attempt(work: () => Promise<void>): Promise<void> {
    this.#isUncertain = true;
    try {
      await work();
      this.#isUncertain = false;
    } catch (error) {
      // Where a broker has judged the records, it has answered all else.
      this.#isUncertain = !(error instanceof InvalidOutputError) || this.#options.sender.hasLostAnswer;
      const by = asOutputError(error);
      this.#failure ??= { by };
      throw by;
    }
  }
}

async function translated<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw asOutputError(error);
  }
}
