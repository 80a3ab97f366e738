// Decode parts: what a command prints of a record whose key and value are decoded.

import { UndecodableError, UnusableSchemaError } from "../../../shared/core/decode/decode-errors.ts";
import type { Deserializer, RecordPart } from "../../../shared/core/decode/deserializer.ts";
import type { TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type { PartDeserializers } from "./open-deserializers.ts";

/** What is printed instead of the bytes. */
export interface DecodedParts {
  readonly key?: unknown;
  readonly value?: unknown;
  /** By part, why it is printed as its bytes. */
  readonly undecodable?: Readonly<Partial<Record<RecordPart["part"], string>>>;
}

/** Rejects for what is no fault of the record, a registry that is down first of all. */
export async function decodeParts(
  { topic, partition }: TopicPartition,
  record: KafkaRecord,
  deserializers: PartDeserializers,
): Promise<DecodedParts> {
  const { offset, headers } = record;
  const decoded: { key?: unknown; value?: unknown } = {};
  const undecodable: Partial<Record<RecordPart["part"], string>> = {};
  for (const part of ["key", "value"] as const) {
    const deserializer: Deserializer<unknown> | undefined = deserializers[part];
    const bytes = record[part];
    if (deserializer === undefined || bytes === null) {
      continue;
    }
    try {
      decoded[part] = await deserializer.deserialize(bytes, { topic, partition, offset, part, headers });
    } catch (error) {
      // A schema that nothing can be made of ends no reading of the others: nothing is given up by it.
      if (!(error instanceof UndecodableError || error instanceof UnusableSchemaError)) {
        throw error;
      }
      undecodable[part] = error.message;
    }
  }
  return { ...decoded, ...(Object.keys(undecodable).length > 0 ? { undecodable } : {}) };
}
