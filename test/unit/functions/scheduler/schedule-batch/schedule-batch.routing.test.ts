import { expect, test, vi } from "vitest";
import { reportOutcome } from "../../../../../functions/scheduler/report-outcome.ts";
import type { Routing } from "../../../../../shared/core/plan/route-ranges.ts";
import type { OffsetSource, SourceMetadata } from "../../../../../shared/core/source/offset-source.ts";
import { START } from "../../../../support/fake-clock.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const byRack: Routing = {
  byPartition: new Map(),
  byRack: new Map(["a", "b"].map((zone) => [zone, { name: `zone-${zone}`, timeoutMs: 300_000 }])),
};

/** The source of the bench, with a rack for each partition's leader. */
function withRacks({ source }: SchedulerBench, racks: readonly (string | undefined)[]): OffsetSource {
  const describe = async (...args: Parameters<OffsetSource["describe"]>): Promise<SourceMetadata> => {
    const { partitions, ...others } = await source.describe(...args);
    return {
      ...others,
      partitions: partitions.map(({ leader, ...partition }) => {
        const rack = racks[partition.partition];
        return leader === undefined || rack === undefined
          ? { ...partition, ...(leader === undefined ? {} : { leader }) }
          : { ...partition, leader: { ...leader, rack } };
      }),
    };
  };
  return { ...source, describe };
}

const placesOf = ({ dispatcher }: SchedulerBench) =>
  Object.fromEntries(dispatcher.take().map(({ record, variant }) => [record.partition, variant]));

test("a range goes where its leader is, also when it is dispatched again and the leader has moved meanwhile", async () => {
  const bench = createSchedulerBench(3);
  bench.produceToEach(5);

  await bench.tick({ routing: byRack }, { source: withRacks(bench, ["a", "b", "a"]) });
  const before = placesOf(bench);
  bench.clock.advance(600_000);
  await bench.tick({ routing: byRack }, { source: withRacks(bench, ["b", "b", "a"]) });

  expect(before).toEqual({ 0: "zone-a", 1: "zone-b", 2: "zone-a" });
  expect(placesOf(bench)).toEqual({ 0: "zone-b", 1: "zone-b", 2: "zone-a" });
});

test("a range that was planned for a variant which is no more goes by the routes of the day, with the same offsets", async () => {
  const bench = createSchedulerBench(1);
  bench.produceToEach(5);

  await bench.tick({ routing: byRack }, { source: withRacks(bench, ["a"]) });
  const [first] = bench.dispatcher.take();
  bench.clock.advance(600_000);
  await bench.tick();
  const [second] = bench.dispatcher.take();

  expect([first?.variant, second?.variant]).toEqual(["zone-a", undefined]);
  expect([first, second].map((one) => one?.record.untilOffset)).toEqual([5n, 5n]);
  expect(bench.chains()).toEqual(["0: PLANNED [0, 5)"]);
});

test("what has no processor in its leader's rack goes to the default one, and one line and a metric say so", async () => {
  const bench = createSchedulerBench(4);
  bench.produceToEach(5);
  const batch = await bench.tick({ routing: byRack }, { source: withRacks(bench, ["a", "c", "c", undefined]) });

  expect(placesOf(bench)).toEqual({ 0: "zone-a", 1: undefined, 2: undefined, 3: undefined });
  const [warn, addMetric] = [vi.fn(), vi.fn()];
  reportOutcome({ info: vi.fn(), error: vi.fn(), warn }, { addMetric }, { batch, reprocess: [] }, START);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("default processor"), {
    count: 3,
    reasons: { 'rack "c" has no processor': 2, [`broker ${nodeOf(3)} has no broker.rack`]: 1 },
  });
  expect(addMetric).toHaveBeenCalledWith("RangesMisplaced", "Count", 3);

  function nodeOf(partition: number) {
    return bench.log.partition({ topic: "orders", partition })?.leader?.nodeId;
  }
});
