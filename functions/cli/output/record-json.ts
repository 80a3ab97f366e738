import type { TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One record as one JSON line: offsets and timestamps as decimal strings, bytes as text where they are UTF-8. */
export function recordToJson({ topic, partition }: TopicPartition, record: KafkaRecord): string {
  const { offset, timestamp, timestampType, key, value, headers } = record;
  return JSON.stringify({
    topic,
    partition,
    offset: offset.toString(),
    timestamp: timestamp.toString(),
    timestampType,
    key: bytesToJson(key),
    value: bytesToJson(value),
    headers: headers.map((header) => [header.key, bytesToJson(header.value)]),
  });
}

function bytesToJson(bytes: Buffer | null): string | null | { readonly base64: string } {
  if (bytes === null) {
    return null;
  }
  try {
    return utf8.decode(bytes);
  } catch {
    return { base64: bytes.toString("base64") };
  }
}
