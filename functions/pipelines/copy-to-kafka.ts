// Copy to Kafka: a topic's records in another topic of the same cluster, each exactly once
// for who reads committed records, with key, headers and timestamp. What comes without a value
// deletes its key in a compacted topic, and is copied too.

import { requireVariable } from "../lambda-config.ts";
import { kafkaOutput } from "../outputs/kafka/kafka-output.ts";
import { createRangeProcessor } from "../processor/create-range-processor.ts";

const TARGET = "COPY_TO_TOPIC";

export const handler = createRangeProcessor({
  variables: [TARGET],
  output: kafkaOutput({ compression: "zstd" }),
  process: (range) => {
    const topic = requireVariable(TARGET);
    return range.writeEach(({ key, value, headers, timestamp }) => ({ topic, key, value, headers, timestamp }));
  },
});
