import { beforeAll, expect, test, vi } from "vitest";
import type { SourceStrategy } from "../../../../functions/scheduler/deps/scheduler-deps.ts";
import { runScheduler } from "../../../../functions/scheduler/run-scheduler.ts";
import { encodeEnvironment } from "../../../../shared/wire/environment/environment-variables.ts";
import { schedulerEnvironment } from "../../../../shared/wire/environment/function-environment.ts";
import { createSchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";
import { SCHEDULER_ENVIRONMENT } from "../../../support/pipeline/scheduler-environment.ts";

let strategy: SourceStrategy;

beforeAll(async () => {
  // The module makes the function's handler when it is loaded.
  const { topics: _configured, ...config } = SCHEDULER_ENVIRONMENT;
  const variables = encodeEnvironment(schedulerEnvironment, { ...config, strategy: true });
  for (const [name, value] of Object.entries({ ...variables, AWS_REGION: "us-east-1" })) {
    vi.stubEnv(name, value);
  }
  ({ selectTenantTopics: strategy } = await import("../../../../functions/pipelines/tenant-topics.ts"));
  return () => vi.unstubAllEnvs();
});

test("reads every tenant's topics, events from their beginning and audits from when they are found", async () => {
  const bench = createSchedulerBench(1);
  const write = (topic: string, records: readonly string[]) => {
    bench.log.createTopic(topic, 1);
    bench.log.append({ topic, partition: 0 }, records);
  };
  const tick = async () => (await runScheduler({ ...bench.deps, strategy }, bench.rules, { kind: "tick" })).batch;
  write("acme.events", ["a", "b"]);
  write("acme.audit", ["c"]);
  write("metrics", ["d"]);
  const first = await tick();
  write("beta.events", ["e"]);
  write("beta.audit", ["f", "g"]);

  const second = await tick();

  const newTopics = second?.partitions.filter(({ topic }) => topic.startsWith("beta"));
  expect(first?.partitions).toMatchObject([
    { topic: "acme.audit", kind: "anchored", fromOffset: 1n },
    { topic: "acme.events", kind: "planned", fromOffset: 0n, untilOffset: 2n },
  ]);
  expect(newTopics).toMatchObject([
    { topic: "beta.audit", kind: "anchored", fromOffset: 2n },
    { topic: "beta.events", kind: "planned", fromOffset: 0n, untilOffset: 1n },
  ]);
});
