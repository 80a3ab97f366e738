// The pipeline's code: each order of the topic becomes a row of the table, exactly once. The last
// record of an order wins where the topic's records are keyed by it: each partition is in order, and
// the partitions are processed side by side.

import { createRangeProcessor, requireVariable } from "kafka-offset-ranges";
import { bulkStatement, postgresOutput } from "kafka-offset-ranges/postgres";

/** The JSON in a record's value. */
interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly total: number;
}

/** Many orders are sent as one statement; of two of the same order_id the later one comes in a later statement. */
export const upsertOrder = bulkStatement<[orderId: string, customer: string, total: number]>(
  `INSERT INTO orders (order_id, customer, total) SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[])
  ON CONFLICT (order_id) DO UPDATE SET customer = excluded.customer, total = excluded.total`,
  { key: [1] },
);

export const handler = createRangeProcessor({
  variables: ["DATABASE_HOST", "DATABASE_PORT", "DATABASE_USER"],
  output: postgresOutput(() => {
    const password = process.env["DATABASE_PASSWORD"];
    return {
      host: requireVariable("DATABASE_HOST"),
      port: Number(requireVariable("DATABASE_PORT")),
      user: requireVariable("DATABASE_USER"),
      database: "orders",
      // In an account the function's role signs in: GRANT rds_iam TO the user.
      ...(password ? { password } : { useIam: true }),
    };
  }),
  async process(range) {
    await range.writeEach(({ offset, value }) => {
      // A tombstone: here an order stays. `{ text: "DELETE FROM orders WHERE order_id = $1", … }` would delete it.
      if (value === null) {
        return undefined;
      }
      const { orderId, customer, total }: Order = JSON.parse(value.toString());
      console.log(`${range.topic}-${range.partition} at ${offset}: order ${orderId} of ${customer}`);
      return upsertOrder(orderId, customer, total);
    });
  },
});
