// The pipeline's code: of each order of the topic one record goes to another topic, exactly once for whoever reads
// that with isolation.level=read_committed. Records of one order stay in order: they have its key.

import { createRangeProcessor, requireVariable } from "kafka-offset-ranges";
import { kafkaOutput } from "kafka-offset-ranges/kafka";

/** The JSON in a record's value. */
interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly total: number;
}

export const handler = createRangeProcessor({
  variables: ["TOTALS_TOPIC"],
  output: kafkaOutput(),
  process: (range) =>
    range.writeEach(({ offset, value, timestamp }) => {
      if (value === null) {
        return undefined;
      }
      const { orderId, customer, total }: Order = JSON.parse(value.toString());
      console.log(`${range.topic}-${range.partition} at ${offset}: order ${orderId} of ${customer}`);
      return { topic: requireVariable("TOTALS_TOPIC"), key: orderId, value: total.toFixed(2), timestamp };
    }),
});
