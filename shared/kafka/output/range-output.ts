// Kafka range output
//
// The store whose position is the offset of a group that nobody else uses, committed in the
// transaction of the outputs. Why this is exactly once stands in producer-session.ts.

import { listNames } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import type { OutputRange, PositionedOutput, RangeOutput } from "../../core/output/range-output.ts";
import { isTopicName } from "../../core/range/topic-partition.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { type KafkaOptions, requirePositive } from "../connection/kafka-options.ts";
import { MAX_TRANSACTION_TIMEOUT_MS, TRANSACTION_TIMEOUT_MARGIN_MS } from "../limits.ts";
import { OUTPUT_COMPRESSIONS, type OutputCompression } from "./encoding/compress.ts";
import { positionOf } from "./find-position.ts";
import { placeOf } from "./output-place.ts";
import type { KafkaOutputRecord } from "./output-record.ts";
import { OutputWriter } from "./output-writer.ts";
import { openProducerSession } from "./producer-session.ts";
import { TopicLayouts } from "./topic-layouts.ts";
import { asOutputError } from "./transaction-errors.ts";

export interface KafkaRangeOutputOptions {
  /** Where outputs go that name no topic. @default - each names its own */
  readonly topic?: string;
  /** Of the record batches. @default "none" */
  readonly compression?: OutputCompression;
  /**
   * After which the brokers abort a transaction whose processor died, at the latest. At most the brokers'
   * `transaction.max.timeout.ms`.
   * @default 900000
   */
  readonly transactionTimeoutMs?: number;
}

export interface KafkaRangeOutputTarget extends KafkaRangeOutputOptions {
  /** Asked for when an output is first opened. */
  readonly connection: () => KafkaOptions;
  /** Whether the topic that is read is of another cluster, so that positions are kept beside the output's own topic. */
  readonly isElsewhere: boolean;
}

/** Throws ConfigurationError for options that cannot work; connects when it is first opened. */
export function createKafkaRangeOutput(target: KafkaRangeOutputTarget): RangeOutput<KafkaOutputRecord> {
  requireUsable(target);
  let connected: Connected | undefined;
  return {
    name: "Kafka",
    open: async (range) => {
      try {
        connected ??= connect(target);
        return await openWriter(target, connected, range);
      } catch (error) {
        range.signal.throwIfAborted();
        throw asOutputError(error);
      }
    },
  };
}

interface Connected {
  readonly cluster: Cluster;
  readonly layouts: TopicLayouts;
}

function connect({ connection }: KafkaRangeOutputTarget): Connected {
  const cluster = openCluster(connection());
  return { cluster, layouts: new TopicLayouts(cluster) };
}

async function openWriter(
  target: KafkaRangeOutputTarget,
  { cluster, layouts }: Connected,
  range: OutputRange,
): Promise<PositionedOutput<KafkaOutputRecord>> {
  const { topic, compression = "none", isElsewhere } = target;
  const place = placeOf(range, isElsewhere ? topic : undefined);
  const transactionTimeoutMs = timeoutOf(target, range);
  const session = await openProducerSession(cluster, place, { transactionTimeoutMs, signal: range.signal });
  const stored = await session.position(range.signal);
  return new OutputWriter({
    session,
    transactionTimeoutMs,
    sender: { cluster, layouts, identity: session.identity, compression, sequences: new Map(), hasLostAnswer: false },
    position: positionOf(stored, range, { place, now: Date.now() }),
    topic,
    partition: range.partition,
  });
}

/** No attempt outlives its invocation, so that its transaction need not. */
function timeoutOf({ transactionTimeoutMs = MAX_TRANSACTION_TIMEOUT_MS }: KafkaRangeOutputOptions, range: OutputRange) {
  return Math.min(transactionTimeoutMs, Math.ceil(range.remainingMs) + TRANSACTION_TIMEOUT_MARGIN_MS);
}

function requireUsable({ topic, compression = "none", transactionTimeoutMs = 1, isElsewhere }: KafkaRangeOutputTarget) {
  if (topic !== undefined && !isTopicName(topic)) {
    throw new ConfigurationError(`kafkaOutput has topic ${topic}, which is not a legal topic name`);
  }
  if (isElsewhere && topic === undefined) {
    throw new ConfigurationError(
      "kafkaOutput has bootstrapServers and no topic; name a topic of that cluster, beside which the positions are kept",
    );
  }
  if (!OUTPUT_COMPRESSIONS.includes(compression)) {
    throw new ConfigurationError(
      `kafkaOutput has compression ${String(compression)}; it may be ${listNames(OUTPUT_COMPRESSIONS)}`,
    );
  }
  requirePositive("transactionTimeoutMs", transactionTimeoutMs);
}
