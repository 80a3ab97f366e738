// The pipeline's code over an exact range of records, without Kafka, AWS and PostgreSQL.

import { recordsOf, runRange } from "kafka-offset-ranges/testing";
import { expect, test } from "vitest";
import { handler, upsertOrder } from "./orders.ts";

const records = recordsOf([
  { value: { orderId: "1001", customer: "Ada", total: 42.5 } },
  { value: { orderId: "1002", customer: "Grace", total: 17 } },
  { value: { orderId: "1001", customer: "Ada", total: 45 } },
]);

test("each order is written as it comes", async () => {
  const result = await runRange(handler, { records });

  expect(result.error).toBeUndefined();
  expect(result.outputs).toEqual([
    upsertOrder("1001", "Ada", 42.5),
    upsertOrder("1002", "Grace", 17),
    upsertOrder("1001", "Ada", 45),
  ]);
});

test("a processor that dies on the way leaves what one leaves that does not", async () => {
  const result = await runRange(handler, { records, crash: { afterCommit: 0 } });

  expect(result.differences).toEqual([]);
});
