// The pipeline's code over an exact range of records, without Kafka and AWS.

import { recordsOf, runRange } from "kafka-offset-ranges/testing";
import { beforeEach, expect, test, vi } from "vitest";
import { handler } from "./orders.ts";

beforeEach(() => {
  vi.stubEnv("ORDERS_TABLE", "orders");
});

const tables = { orders: { key: "orderId" } };
const records = recordsOf([
  { value: { orderId: "1001", customer: "Ada", total: 42.5 } },
  { value: { orderId: "1002", customer: "Grace", total: 17 } },
  { value: { orderId: "1001", customer: "Ada", total: 45 } },
]);

test("the table holds each order as it was written last", async () => {
  const result = await runRange(handler, { records, tables });

  expect(result.error).toBeUndefined();
  expect(result.tables["orders"]).toEqual([
    { orderId: "1001", customer: "Ada", total: 45 },
    { orderId: "1002", customer: "Grace", total: 17 },
  ]);
});

test("a processor that dies on the way leaves what one leaves that does not", async () => {
  const result = await runRange(handler, { records, tables, crash: { afterCommit: 1 } });

  expect(result.differences).toEqual([]);
});
