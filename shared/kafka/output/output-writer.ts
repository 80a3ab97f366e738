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
//   OW4  The writer is full at half of the transaction's time. A transaction that the broker has ended nevertheless, since
//        its time was up, is told by the commit: of several offsets the next attempts make it of fewer.

import { setTimeout as delay } from "node:timers/promises";
import { DeadlineError, InvalidOutputError, OutputUnavailableError } from "../../core/errors.ts";
import { overdue } from "../../core/output/overdue.ts";
import type { OutputPosition, PositionedOutput } from "../../core/output/range-output.ts";
import { formatTopicPartition, type TopicPartition } from "../../core/range/topic-partition.ts";
import {
  ABORT_WAIT_MS,
  MAX_TRANSACTION_BYTES,
  MAX_TRANSACTION_MS,
  MAX_TRANSACTION_RECORDS,
  SEND_BYTES,
} from "../limits.ts";
import type { KafkaOutputRecord } from "./output-record.ts";
import { PartitionChooser } from "./partitioning/choose-partition.ts";
import { type PlacedRecord, placeRecords } from "./place-records.ts";
import type { ProducerSession } from "./producer-session.ts";
import { RecordBuffer } from "./record-buffer.ts";
import { type PartitionBatch, type Sender, sendBatches } from "./send-batches.ts";
import { asOutputError, FencedError } from "./transaction-errors.ts";

export interface OutputWriterOptions {
  readonly session: ProducerSession;
  /** After which the broker ends a transaction. */
  readonly transactionTimeoutMs: number;
  readonly sender: Sender;
  readonly position: OutputPosition;
  /** Of outputs that name none. */
  readonly topic: string | undefined;
  /** The source's, where outputs without a key begin. */
  readonly partition: number;
}

interface Failure {
  readonly by: unknown;
  /** Whether the transaction's time was up (OW4). */
  readonly isLate?: boolean;
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
  #failure: Failure | undefined;
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
    const maxAgeMs = Math.min(MAX_TRANSACTION_MS, this.#options.transactionTimeoutMs / 2);
    return (
      this.#failure !== undefined ||
      bytes >= MAX_TRANSACTION_BYTES ||
      records >= MAX_TRANSACTION_RECORDS ||
      this.#ageMs >= maxAgeMs
    );
  }

  get #ageMs(): number {
    return this.#beganAt === undefined ? 0 : performance.now() - this.#beganAt;
  }

  async write(outputs: readonly KafkaOutputRecord[]): Promise<void> {
    const { topic, sender } = this.#options;
    for (const one of await placeRecords(outputs, topic, sender.layouts)) {
      if (this.#isRefused()) {
        return;
      }
      await this.#add(one);
    }
  }

  /** Whether a broker has refused an output, or ended the transaction, which the commit tells; throws what else has failed. */
  #isRefused(): boolean {
    if (this.#failure === undefined) {
      return false;
    }
    const { by, isLate = false } = this.#failure;
    if (isLate || by instanceof InvalidOutputError) {
      return true;
    }
    throw by;
  }

  async #add({ record, partitionCount }: PlacedRecord): Promise<void> {
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
    if (this.#failure !== undefined) {
      throw this.#told(this.#failure, untilOffset);
    }
    if (fromPosition !== this.#standsAt) {
      throw new OutputUnavailableError(
        `outputs were to go on from ${fromPosition}, and Kafka has them up to ${this.#standsAt}`,
      );
    }
    const { session, sender } = this.#options;
    const batches = [...this.#buffers.values()];
    const work = async () => {
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
    };
    await this.#attempt(work).catch(() => {
      throw this.#told(this.#failure, untilOffset);
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

  #told(failure: Failure | undefined, untilOffset: bigint): unknown {
    if (failure?.isLate !== true) {
      return failure?.by;
    }
    const offsets = untilOffset - this.#standsAt;
    const what = `a transaction of ${offsets} offsets took longer than transactionTimeoutMs, ${this.#options.transactionTimeoutMs} ms`;
    return overdue(what, { offsets, remedy: "raise it, or see what that one record waits for", cause: failure.by });
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
      const isLate = by instanceof FencedError && this.#ageMs >= this.#options.transactionTimeoutMs;
      this.#failure ??= { by, isLate };
      throw by;
    }
  }
}
