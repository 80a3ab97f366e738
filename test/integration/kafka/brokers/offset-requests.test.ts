import { expect, onTestFinished, test } from "vitest";
import type { SchedulerDeps, SchedulerRules } from "../../../../functions/scheduler/deps/scheduler-deps.ts";
import { scheduleBatch } from "../../../../functions/scheduler/schedule-batch.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { createInMemoryRangeLedger } from "../../../../shared/memory/in-memory-range-ledger.ts";
import { planRules } from "../../../support/builders/builders.ts";
import { SCRIPTED_TOPIC } from "../../../support/kafka/scripted-broker.ts";
import { startScriptedCluster } from "../../../support/kafka/scripted-cluster.ts";
import { createRecordingDispatcher } from "../../../support/pipeline/recording-dispatcher.ts";

const PARTITIONS = 100;

test("a run asks for metadata once, and each broker once for the ends of all that it leads", async () => {
  const cluster = await startScriptedCluster({ partitions: PARTITIONS, endOffset: 7n });
  onTestFinished(() => cluster.close());
  const source = createKafkaOffsetSource({ clientId: "counted", bootstrapServers: cluster.bootstrapServers });
  onTestFinished(() => source.close());
  const dispatcher = createRecordingDispatcher();
  const ids = [...Array(10_000).keys()];
  const deps: SchedulerDeps = {
    source,
    ledger: createInMemoryRangeLedger<never>(),
    dispatcher,
    now: () => Date.now(),
    newId: () => `id-${ids.pop()}`,
  };
  const rules: SchedulerRules = {
    ...planRules(),
    pipeline: "counted",
    selection: { topics: [SCRIPTED_TOPIC] },
    startingOffsets: "earliest",
    isolationLevel: "read_committed",
  };

  const metadataCalls = () => cluster.calls("metadata").reduce((sum, calls) => sum + calls, 0);
  await scheduleBatch(deps, rules);
  // The first run asks for the logs' beginnings as well.
  expect(cluster.calls("listOffsets")).toEqual([2, 2, 2]);
  expect(dispatcher.take()).toHaveLength(PARTITIONS);
  // And looks again whether their topics are the same still.
  expect(metadataCalls()).toBe(2);
  await scheduleBatch(deps, rules);

  expect(cluster.calls("listOffsets")).toEqual([3, 3, 3]);
  expect(metadataCalls()).toBe(3);
});
