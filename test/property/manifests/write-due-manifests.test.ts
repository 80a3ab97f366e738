// Manifests under random histories
//
// Schedulers, processors and operators act on the ranges, and the writer of manifests runs in between: it dies at
// any of its calls, heard or not, or two of them run at once. In the end every batch has one manifest, which is what the command
// would write, and no other object is there: whatever was written too early would say something else.

import fc from "fast-check";
import { expect, test } from "vitest";
import { BATCH_SETTLED_MS } from "../../../shared/core/limits.ts";
import { ManifestWorld } from "../../support/manifests/manifest-world.ts";

const PARTITIONS = 4;
const MINUTE_MS = 60_000;

const partition = fc.nat({ max: PARTITIONS - 1 });
const death = fc.record({ atCall: fc.integer({ min: 1, max: 40 }), isHeard: fc.boolean() });

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("plan" as const),
      partitions: fc.uniqueArray(partition, { minLength: 1 }),
      length: fc.bigInt({ min: 2n, max: 1_000n }),
      spreadMs: fc.constantFrom(0, 10_000),
      isSlow: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("complete" as const),
      partition,
      bucket: fc.constantFrom("orders", "orders", "orders", "elsewhere"),
      prefix: fc.constantFrom("archive", "archive/again"),
      objects: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "completeAll" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("split" as const),
      partition,
      first: fc.constantFrom("SKIPPED" as const, "QUARANTINED" as const, "LOST" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("request" as const),
      partitions: fc.uniqueArray(partition, { minLength: 1 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("closeRequest" as const, "completeRanges" as const, "completeRequest" as const),
      index: fc.nat({ max: 1 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(1_000, MINUTE_MS, BATCH_SETTLED_MS, 20 * MINUTE_MS),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("write" as const), death: fc.option(death, { nil: undefined }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("writeTwice" as const), deaths: fc.tuple(death, death) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "forgetProgress" as const }) },
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

test("WDM1, WDM2, ML1, PBA1, BM1, WMA1: each finished batch gets the one manifest that the command would write, and no other", async () => {
  let written = 0;
  let waited = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const world = await ManifestWorld.of(PARTITIONS);
      const requests: string[] = [];
      for (const one of steps) {
        waited += await act(world, requests, one);
      }
      await finish(world, requests);
      const expected = await world.expected();
      expect(new Map(world.objects)).toEqual(expected);
      expect(world.writes).toBe(expected.size);
      written += expected.size;
    }),
    { numRuns: 2_000 },
  );
  // That something is compared at all.
  expect(written).toBeGreaterThan(2_000);
  expect(waited).toBeGreaterThan(0);
});

/** Answers how many batches wait. */
async function act(world: ManifestWorld, requests: string[], one: Step): Promise<number> {
  switch (one.kind) {
    case "plan":
      await world.plan(one.partitions, { ...one, ...(one.isSlow ? { meanwhile: () => overtake(world) } : {}) });
      return 0;
    case "complete":
      await world.complete(one.partition, { bucket: one.bucket, prefix: one.prefix }, one.objects);
      return 0;
    case "completeAll":
      await world.completeAll();
      return 0;
    case "split":
      await world.split(one.partition, one.first);
      return 0;
    case "request":
      requests.push(`request-${requests.length}`);
      await world.request(requests.at(-1) ?? "", one.partitions);
      return 0;
    case "closeRequest":
    case "completeRanges":
    case "completeRequest":
      await (requests[one.index] === undefined ? undefined : world[one.kind](requests[one.index] ?? "", 1));
      return 0;
    case "pass":
      world.now += one.ms;
      return 0;
    case "write":
      return world.write({ death: one.death }).then(
        ({ waiting }) => waiting,
        (error: unknown) => (one.death === undefined ? Promise.reject(error) : 0),
      );
    case "writeTwice":
      await Promise.allSettled([world.write(), ...one.deaths.map((death) => world.write({ death }))]);
      return 0;
    case "forgetProgress":
      world.manifests.forgetProgress();
      return 0;
  }
}

/** Processors and the writer, while a run of the scheduler takes its time. */
async function overtake(world: ManifestWorld): Promise<void> {
  world.now += 15_000;
  await world.completeAll();
  await world.write();
}

async function finish(world: ManifestWorld, requests: readonly string[]): Promise<void> {
  await world.completeAll();
  for (const requestId of requests) {
    await world.completeRequest(requestId);
  }
  world.now += BATCH_SETTLED_MS + MINUTE_MS;
  const { waiting, differing } = await world.write();
  expect({ waiting, differing }).toEqual({ waiting: 0, differing: [] });
}
