// The pipeline's code over an exact range of records, without Kafka, AWS and S3.

import { recordsOf, runRange } from "kafka-offset-ranges/testing";
import { expect, test } from "vitest";
import { handler } from "./orders.ts";

const orders = [
  { orderId: "1001", customer: "Ada", total: 42.5 },
  { orderId: "1002", customer: "Grace", total: 17 },
];
const records = recordsOf(orders.map((order) => ({ key: order.orderId, value: order })));

test("each record is archived as it is", async () => {
  const result = await runRange(handler, { records });

  expect(result.error).toBeUndefined();
  const archived = result.outputs as { readonly value: Uint8Array }[];
  expect(archived.map(({ value }) => JSON.parse(Buffer.from(value).toString()))).toEqual(orders);
});

test("a processor that dies on the way leaves what one leaves that does not", async () => {
  const result = await runRange(handler, { records, crash: { afterCommit: 0 } });

  expect(result.differences).toEqual([]);
});
