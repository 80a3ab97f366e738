// The pipeline's code: every record of the topic goes into the bucket as it is, a line each, exactly once. An object
// has the records of one range and one hour, by their timestamps: orders/topic=orders/dt=…/hour=…/part=…/FROM-LAST.jsonl.gz

import { createRangeProcessor, requireVariable } from "kafka-offset-ranges";
import { s3Archive } from "kafka-offset-ranges/s3";

export const handler = createRangeProcessor({
  variables: ["ARCHIVE_BUCKET"],
  output: s3Archive({ bucket: () => requireVariable("ARCHIVE_BUCKET"), prefix: "orders" }),
  async process(range) {
    console.log(`archiving ${range.topic}-${range.partition} from ${range.fromOffset} to ${range.untilOffset}`);
    await range.writeAll();
  },
});
