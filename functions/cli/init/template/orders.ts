// The pipeline's code: each order of the topic becomes an item of the table, exactly once. The last
// record of an order wins where the topic's records are keyed by it: each partition is in order, and
// the partitions are processed side by side.

import { createRangeProcessor, put, requireVariable } from "kafka-offset-ranges";

/** The JSON in a record's value. */
interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly total: number;
}

export const handler = createRangeProcessor({
  variables: ["ORDERS_TABLE"],
  async process(range) {
    await range.writeEach(({ offset, value }) => {
      // A tombstone: here an order stays. `del(table, { orderId: key.toString() })` would delete it.
      if (value === null) {
        return undefined;
      }
      const order: Order = JSON.parse(value.toString());
      console.log(`${range.topic}-${range.partition} at ${offset}: order ${order.orderId} of ${order.customer}`);
      return put(requireVariable("ORDERS_TABLE"), order);
    });
  },
});
