// The pipeline's code over an exact range of records, without Kafka and AWS.

import { recordsOf, runRange } from "kafka-offset-ranges/testing";
import { beforeEach, expect, test, vi } from "vitest";
import { handler } from "./orders.ts";

beforeEach(() => {
  vi.stubEnv("TOTALS_TOPIC", "order-totals");
});

const records = recordsOf([
  { value: { orderId: "1001", customer: "Ada", total: 42.5 } },
  { value: { orderId: "1002", customer: "Grace", total: 17 } },
  { value: null },
]);

test("each order becomes a record of the other topic, and a tombstone none", async () => {
  const result = await runRange(handler, { records });

  expect(result.error).toBeUndefined();
  expect(result.outputs).toMatchObject([
    { topic: "order-totals", key: "1001", value: "42.50" },
    { topic: "order-totals", key: "1002", value: "17.00" },
  ]);
});

test("a processor that dies on the way leaves what one leaves that does not", async () => {
  const result = await runRange(handler, { records, crash: { afterCommit: 0 } });

  expect(result.differences).toEqual([]);
});
