import type { IsolationLevel, OffsetSource } from "../../../shared/core/source/offset-source.ts";
import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import type { KafkaAccess } from "../options/kafka-access.ts";
import type { KafkaArguments } from "../options/options.ts";

interface Kafka {
  readonly source: OffsetSource;
  readonly reader: RangeReader;
  readonly isolationLevel: IsolationLevel;
}

export async function usingKafka(
  { options, isolationLevel }: KafkaAccess,
  kafkaArguments: KafkaArguments,
  use: (kafka: Kafka) => Promise<void>,
): Promise<void> {
  const { requireConsecutiveOffsets = false, rackId = options.rackId ?? "" } = kafkaArguments;
  const kafka = {
    source: createKafkaOffsetSource(options),
    reader: createKafkaRangeReader({ ...options, requireConsecutiveOffsets, rackId }),
    isolationLevel,
  };
  try {
    await use(kafka);
  } finally {
    await Promise.all([kafka.source.close(), kafka.reader.close()]);
  }
}
