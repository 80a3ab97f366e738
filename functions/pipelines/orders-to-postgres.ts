// Orders to PostgreSQL: each record's order into a table, many of them by one statement, exactly once. The last
// record of an order wins.
//
//   CREATE TABLE orders (order_id text PRIMARY KEY, customer text NOT NULL, total numeric NOT NULL);

import { bulkStatement } from "../../shared/postgres/statements/postgres-statement.ts";
import { requireVariable } from "../lambda-config.ts";
import { postgresOutput } from "../outputs/postgres/postgres-output.ts";
import { createRangeProcessor } from "../processor/create-range-processor.ts";

const upsertOrder = bulkStatement<[orderId: string, customer: string, total: number]>(
  `INSERT INTO orders (order_id, customer, total) SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[])
  ON CONFLICT (order_id) DO UPDATE SET customer = excluded.customer, total = excluded.total`,
  { key: [1] },
);

export const handler = createRangeProcessor({
  variables: ["DATABASE_SECRET_ARN"],
  output: postgresOutput(() => ({ secretId: requireVariable("DATABASE_SECRET_ARN") })),
  process: (range) =>
    range.writeEach(({ value }) => {
      if (value === null) {
        return undefined;
      }
      const { orderId, customer, total } = JSON.parse(value.toString());
      return upsertOrder(orderId, customer, total);
    }),
});
