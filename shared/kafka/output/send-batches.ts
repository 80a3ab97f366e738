// Send batches
//
// Writes what was collected, one request to each leader at a time, until every batch is in its log.
//
//   SBA1  Of a partition one batch is under way at a time, and its sequence grows only when it is written.
//   SBA2  A batch that may or may not be written is sent again with its sequence: a broker
//         takes it once, also where the first one arrives late.
//   SBA3  A batch that is too large for the topic is halved; a record that is too large alone is refused.

import { setTimeout as delay } from "node:timers/promises";
import { OutputUnavailableError, RangeReadError } from "../../core/errors.ts";
import { formatTopicPartition, type TopicPartition } from "../../core/range/topic-partition.ts";
import type { Broker } from "../../core/source/offset-source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import {
  COORDINATOR_RETRY_BASE_MS,
  COORDINATOR_RETRY_CAP_MS,
  COORDINATOR_STEP_MS,
  PRODUCE_TIMEOUT_MS,
} from "../limits.ts";
import { type ProducedPartition, produceV9 } from "../protocol/produce-v9.ts";
import type { ProducerIdentity } from "../protocol/transactions/producer-identity.ts";
import { encodeBatch } from "./encode-batch.ts";
import type { OutputCompression } from "./encoding/compress.ts";
import type { BufferSlice, RecordBuffer } from "./record-buffer.ts";
import type { TopicLayouts } from "./topic-layouts.ts";
import { type WriteFault, writeFault } from "./write-faults.ts";

export interface PartitionBatch extends TopicPartition {
  readonly records: RecordBuffer;
}

export interface Sender {
  readonly cluster: Cluster;
  readonly layouts: TopicLayouts;
  readonly identity: ProducerIdentity;
  readonly compression: OutputCompression;
  /** How many records of each partition are written, by its name. */
  readonly sequences: Map<string, number>;
  /** Whether a batch got no answer, so that it may arrive at any later time. */
  hasLostAnswer: boolean;
}

/** What is left to do for a partition. */
interface Sending extends PartitionBatch {
  readonly name: string;
  slices: readonly BufferSlice[];
  /** What stood in the way of the last try. */
  obstacle: string | undefined;
}

/** Throws InvalidOutputError, ConfigurationError or OutputUnavailableError. */
export async function sendBatches(sender: Sender, batches: readonly PartitionBatch[]): Promise<void> {
  const sendings = batches.map(
    (batch): Sending => ({
      ...batch,
      name: formatTopicPartition(batch),
      slices: [{ from: 0, until: batch.records.count }],
      obstacle: undefined,
    }),
  );
  let triedSince = performance.now();
  let tries = 0;
  for (let left = open(sendings); left.length > 0; left = open(sendings)) {
    await sendOnce(sender, left);
    const blocked = left.filter(({ obstacle }) => obstacle !== undefined);
    if (blocked.length < left.length) {
      [triedSince, tries] = [performance.now(), 0];
    }
    if (blocked.length > 0) {
      requireTime(triedSince, blocked);
      await delay(Math.random() * Math.min(COORDINATOR_RETRY_CAP_MS, COORDINATOR_RETRY_BASE_MS * 2 ** tries++));
    }
  }
}

function open(sendings: readonly Sending[]): readonly Sending[] {
  return sendings.filter(({ slices }) => slices.length > 0);
}

function requireTime(since: number, [first]: readonly Sending[]): void {
  if (performance.now() - since >= COORDINATOR_STEP_MS) {
    throw new OutputUnavailableError(
      `writing to ${first?.name} did not succeed within ${COORDINATOR_STEP_MS} ms: ${first?.obstacle}`,
    );
  }
}

/** One batch of each partition. Every request has ended, one way or the other, when it settles. */
async function sendOnce(sender: Sender, sendings: readonly Sending[]): Promise<void> {
  const led = new Map<string, { readonly leader: Broker; readonly sendings: Sending[] }>();
  for (const sending of sendings) {
    const layout = await sender.layouts.of(sending.topic);
    const leader = layout.leaders.get(sending.partition);
    sending.obstacle = leader === undefined ? "it has no leader at present" : undefined;
    if (leader === undefined) {
      sender.layouts.forget(sending.topic);
      continue;
    }
    const key = `${leader.host}:${leader.port}`;
    const ofLeader = led.get(key) ?? { leader, sendings: [] };
    ofLeader.sendings.push(sending);
    led.set(key, ofLeader);
  }
  const sent = await Promise.allSettled([...led.values()].map((one) => sendTo(sender, one.leader, one.sendings)));
  const failed = sent.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    throw failed.reason;
  }
}

async function sendTo(sender: Sender, leader: Broker, sendings: readonly Sending[]): Promise<void> {
  const { cluster, identity, layouts } = sender;
  const batches = await Promise.all(sendings.map((sending) => encode(sender, sending)));
  const request = { transactionalId: identity.transactionalId, timeoutMs: PRODUCE_TIMEOUT_MS, batches };
  let partitions: readonly ProducedPartition[];
  try {
    ({ partitions } = await cluster.call(leader, produceV9, { request }));
  } catch (error) {
    if (!(error instanceof RangeReadError)) {
      throw error;
    }
    sender.hasLostAnswer = true;
    for (const sending of sendings) {
      sending.obstacle = error.message;
      layouts.forget(sending.topic);
    }
    return;
  }
  const answers = new Map(partitions.map((one) => [formatTopicPartition(one), one]));
  for (const sending of sendings) {
    settle(sender, sending, answers.get(sending.name));
  }
}

async function encode({ identity, sequences, compression }: Sender, sending: Sending) {
  const [slice = { from: 0, until: 0 }] = sending.slices;
  const sequence = sequences.get(sending.name) ?? 0;
  const batch = await encodeBatch(sending.records, slice, { ...identity, sequence, compression });
  return { topic: sending.topic, partition: sending.partition, batch };
}

function settle({ sequences, layouts }: Sender, sending: Sending, answer: ProducedPartition | undefined): void {
  const [slice = { from: 0, until: 0 }, ...others] = sending.slices;
  const fault: WriteFault =
    answer === undefined
      ? { kind: "again", why: "the broker left it unanswered" }
      : writeFault(answer, { ...sending, slice });
  switch (fault.kind) {
    case "none":
      sequences.set(sending.name, (sequences.get(sending.name) ?? 0) + slice.until - slice.from);
      sending.slices = others;
      return;
    case "halve": {
      const middle = Math.ceil((slice.from + slice.until) / 2);
      sending.slices = [{ from: slice.from, until: middle }, { from: middle, until: slice.until }, ...others];
      return;
    }
    case "again":
      sending.obstacle = fault.why;
      layouts.forget(sending.topic);
      return;
    case "final":
      throw fault.error;
  }
}
