// Fetch settings: how much a fetch asks for, and how long it and any call may take.

import { omitUndefined } from "../../core/omit-undefined.ts";
import type { KafkaParams } from "./kafka-params.ts";

export interface FetchSettings {
  readonly requestTimeoutMs?: number;
  readonly fetchMaxBytes?: number;
  readonly fetchMinBytes?: number;
  readonly fetchMaxWaitMs?: number;
}

export function fetchSettingsOf(params: KafkaParams): FetchSettings {
  return omitUndefined({
    requestTimeoutMs: numberOf(params, "request.timeout.ms"),
    fetchMaxBytes: fetchMaxBytesOf(params),
    fetchMinBytes: numberOf(params, "fetch.min.bytes"),
    fetchMaxWaitMs: numberOf(params, "fetch.max.wait.ms"),
  });
}

/** Which bounds the other, Kafka's own defaults included; a fetch asks one partition, and a larger batch comes whole. */
function fetchMaxBytesOf(params: KafkaParams): number | undefined {
  const ofAll = numberOf(params, "fetch.max.bytes");
  const ofPartition = numberOf(params, "max.partition.fetch.bytes");
  if (ofAll === undefined && ofPartition === undefined) {
    return undefined;
  }
  return Math.max(1, Math.min(ofAll ?? KAFKA_FETCH_MAX_BYTES, ofPartition ?? KAFKA_MAX_PARTITION_FETCH_BYTES));
}

const KAFKA_FETCH_MAX_BYTES = 52_428_800;
const KAFKA_MAX_PARTITION_FETCH_BYTES = 1_048_576;

/** What is not a whole number was refused when it was judged. */
function numberOf(params: KafkaParams, name: string): number | undefined {
  const value = params.get(name);
  return value === undefined ? undefined : Number(value);
}
