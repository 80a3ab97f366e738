import type { TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { toJsonValue } from "../../../shared/schemas/value-json.ts";
import type { DecodedParts } from "../decoding/decode-parts.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * One record as one JSON line: offsets and timestamps as decimal strings, bytes as text where they are UTF-8, and what
 * was decoded as its JSON, with exact numbers.
 */
export function recordToJson(
  { topic, partition }: TopicPartition,
  record: KafkaRecord,
  decoded: DecodedParts = {},
): string {
  const { offset, timestamp, timestampType, headers } = record;
  const partToJson = (part: "key" | "value") =>
    part in decoded ? toJsonValue(decoded[part]) : bytesToJson(record[part]);
  return JSON.stringify({
    topic,
    partition,
    offset: offset.toString(),
    timestamp: timestamp.toString(),
    timestampType,
    key: partToJson("key"),
    value: partToJson("value"),
    headers: headers.map((header) => [header.key, bytesToJson(header.value)]),
    ...(decoded.undecodable === undefined ? {} : { undecodable: decoded.undecodable }),
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
