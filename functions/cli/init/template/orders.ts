// The pipeline's code: each order of the topic becomes an item of the table, exactly once.

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
      if (value === null) {
        return undefined;
      }
      const order: Order = JSON.parse(value.toString());
      console.log(`${range.topic}-${range.partition} at ${offset}: order ${order.orderId} of ${order.customer}`);
      return put(requireVariable("ORDERS_TABLE"), order);
    });
  },
});
