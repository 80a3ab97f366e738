import kafkajs, { type Admin } from "kafkajs";
import { expect, test } from "vitest";
import { createServedTopics } from "../../../../../functions/local/topics/create-served-topics.ts";

const { KafkaJSConnectionError, KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded } = kafkajs;

/** An administrator's client that fails so often, as kafkajs does, before a topic is served. */
function adminThatFails(failures: readonly Error[]) {
  const left = [...failures];
  const asked: unknown[] = [];
  const admin: Pick<Admin, "createTopics" | "fetchTopicOffsets"> = {
    createTopics: async (options) => {
      asked.push(options);
      return true;
    },
    fetchTopicOffsets: async (topic) => {
      asked.push(topic);
      const failure = left.shift();
      if (failure !== undefined) {
        throw failure;
      }
      return [];
    },
  };
  return { admin: admin as Admin, asked };
}

const passing = () => new KafkaJSConnectionError("not yet");
/** As a client with no tries left says it: not to be tried again, whatever the cause. */
const exceeded = () => new KafkaJSNumberOfRetriesExceeded(passing(), { retryCount: 0, retryTime: 0 });

test("a topic that its broker does not serve yet is asked for until it does, also by a client that tries once", async () => {
  const { admin, asked } = adminThatFails([passing(), exceeded()]);

  await createServedTopics(admin, [{ topic: "orders" }]);

  expect(exceeded().retriable).toBe(false);
  expect(asked).toEqual([{ waitForLeaders: false, topics: [{ topic: "orders" }] }, "orders", "orders", "orders"]);
});

test("what no waiting mends is told at once", async () => {
  const { admin, asked } = adminThatFails([new KafkaJSNonRetriableError("not allowed")]);

  await expect(createServedTopics(admin, [{ topic: "orders" }])).rejects.toThrow("not allowed");

  expect(asked).toHaveLength(2);
});
