import { expect, test } from "vitest";
import { letterTopicsOf, produceTopicOf, topicsOf } from "../../../../../functions/local/dev/topics-of.ts";

const reads = (...topics: string[]) => ({ config: { topics } });
const assigned = { config: { assign: [{ topic: "orders", partition: 6 }] } };
const pattern = { config: {} };

test("each topic that pipelines name is there once, with at least the partitions that are assigned", () => {
  expect(topicsOf([reads("orders", "returns"), assigned, pattern], 3)).toEqual(
    new Map([
      ["orders", 7],
      ["returns", 3],
    ]),
  );
});

test("records go to the only topic, or to the one that is named", () => {
  expect(produceTopicOf([reads("orders"), reads("orders")], undefined)).toBe("orders");
  expect(produceTopicOf([reads("orders", "returns")], "returns")).toBe("returns");
  expect(produceTopicOf([pattern], "orders-eu")).toBe("orders-eu");
});

test("of several topics, or none, one has to be named", () => {
  expect(() => produceTopicOf([reads("orders"), reads("returns")], undefined)).toThrow(
    "--produce needs a topic, and the pipelines read orders, returns: give --topic",
  );
  expect(() => produceTopicOf([pattern], undefined)).toThrow("name none: give --topic");
});

test("the topics of dead letters are those that pipelines write them to", () => {
  const writes = (DeadLetterTarget: string) => ({ running: { outputs: { DeadLetterTarget } } });

  expect(letterTopicsOf([writes("topic:orders.dlq"), writes("s3://letters"), writes("http://127.0.0.1/q")])).toEqual([
    "orders.dlq",
  ]);
});
