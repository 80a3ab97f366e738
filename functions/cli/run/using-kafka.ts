import type { OffsetSource } from "../../../shared/core/source/offset-source.ts";
import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { kafkaOptionsOf } from "../options/kafka-access.ts";
import type { KafkaArguments } from "../options/options.ts";
import type { Terminal } from "../output/terminal.ts";

interface Kafka {
  readonly source: OffsetSource;
  readonly reader: RangeReader;
}

export async function usingKafka(
  terminal: Terminal,
  kafkaArguments: KafkaArguments,
  use: (kafka: Kafka) => Promise<void>,
): Promise<void> {
  const options = kafkaOptionsOf(kafkaArguments, (line) => terminal.note(line));
  const { requireConsecutiveOffsets = false, rackId = options.rackId ?? "" } = kafkaArguments;
  const kafka = {
    source: createKafkaOffsetSource(options),
    reader: createKafkaRangeReader({ ...options, requireConsecutiveOffsets, rackId }),
  };
  try {
    await use(kafka);
  } finally {
    await Promise.all([kafka.source.close(), kafka.reader.close()]);
  }
}
