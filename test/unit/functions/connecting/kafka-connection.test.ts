import { expect, test } from "vitest";
import { kafkaConnectionOf } from "../../../../functions/connecting/kafka-connection.ts";
import { SCHEDULER_ENVIRONMENT } from "../../../support/pipeline/scheduler-environment.ts";

const untold = (line: string) => expect.fail(line);

test("a client id is the pipeline's and the function's, or the one that was chosen for both", () => {
  const chosen = { ...SCHEDULER_ENVIRONMENT, clientId: "billing" };
  const { pipeline } = SCHEDULER_ENVIRONMENT;

  expect(kafkaConnectionOf(SCHEDULER_ENVIRONMENT, "scheduler", untold).clientId).toBe(`${pipeline}-scheduler`);
  expect(kafkaConnectionOf(SCHEDULER_ENVIRONMENT, "processor", untold).clientId).toBe(`${pipeline}-processor`);
  expect(kafkaConnectionOf(chosen, "scheduler", untold).clientId).toBe("billing");
  expect(kafkaConnectionOf(chosen, "processor", untold).clientId).toBe("billing");
});

test("as many connections are kept as was chosen, or as many as Spark keeps", () => {
  const chosen = { ...SCHEDULER_ENVIRONMENT, consumerCacheMaxCapacity: 8 };

  expect(kafkaConnectionOf(chosen, "processor", untold).consumerCacheMaxCapacity).toBe(8);
  expect(kafkaConnectionOf(SCHEDULER_ENVIRONMENT, "processor", untold)).not.toHaveProperty("consumerCacheMaxCapacity");
});
