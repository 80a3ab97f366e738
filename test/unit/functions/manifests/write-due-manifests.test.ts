import { expect, test } from "vitest";
import {
  BATCH_SETTLED_MS,
  MANIFESTS_FIRST_LOOK_BACK_MS,
  MANIFESTS_LOOK_BACK_MS,
  MAX_WAITING_BATCHES,
} from "../../../../shared/core/limits.ts";
import { START } from "../../../support/fake-clock.ts";
import { ManifestWorld } from "../../../support/manifests/manifest-world.ts";

const DAY_MS = 86_400_000;
const NOTHING = { written: [], present: [], differing: [], elsewhere: [], givenUp: [], waiting: 0 };
const keyOf = (batchId: string) => `archive/_manifests/${batchId}.json`;

/** The names of the calls that a run makes. */
async function callsOf(world: ManifestWorld): Promise<readonly string[]> {
  const calls: string[] = [];
  await world.write({ onCall: (name) => calls.push(name) });
  return calls;
}

test("BM1: a batch gets its manifest once it is settled and its last range is closed", async () => {
  const world = await ManifestWorld.of(2);
  const batchId = await world.plan();
  await world.complete(0);
  await expect(world.write()).resolves.toEqual(NOTHING);
  world.now += BATCH_SETTLED_MS + 1;

  const waiting = await world.write();
  await world.complete(1);
  const done = await world.write();

  expect(waiting).toEqual({ ...NOTHING, waiting: 1 });
  expect(done).toEqual({ ...NOTHING, written: [keyOf(batchId)] });
  expect(new Map(world.objects)).toEqual(await world.expected());
});

test("WDM3: of a batch that waits one range is read, and of one that stands nothing", async () => {
  const world = await ManifestWorld.of(3);
  await world.plan();
  await world.complete(0);
  world.now += DAY_MS / 2;
  await world.write();
  const idle = [
    "readManifestProgress",
    "requestsRevision",
    "readPipeline",
    "newestRange",
    "newestRange",
    "newestRange",
  ];

  const waits = await callsOf(world);
  await world.completeAll();
  await world.write();
  const stands = await callsOf(world);

  expect(waits.toSorted()).toEqual([...idle, "readPipeline", "rangesWithin"].toSorted());
  expect(stands.toSorted()).toEqual(idle.toSorted());
});

test("WDM4: where nothing was planned since, nothing is written", async () => {
  const world = await ManifestWorld.of(3);
  await world.plan();
  await world.completeAll();
  for (const ms of [BATCH_SETTLED_MS + 1, 3 * BATCH_SETTLED_MS]) {
    world.now += ms;
    await world.write();
  }

  for (let runs = 0; runs < 3; runs += 1) {
    world.now += DAY_MS;
    const calls = await callsOf(world);
    expect(calls).not.toContain("writeManifestProgress");
    expect(calls).not.toContain("create");
  }
});

test("WDM1: a run that dies after a manifest was put is made good by the next, which finds it there", async () => {
  const world = await ManifestWorld.of(1);
  const batchId = await world.plan();
  await world.completeAll();
  world.now += BATCH_SETTLED_MS + 1;
  const calls = await callsOf(await copyOf(world));

  const atCall = calls.indexOf("create") + 1;
  await expect(world.write({ death: { atCall, isHeard: true } })).rejects.toThrow("killed");
  const again = await world.write();

  expect(again).toEqual({ ...NOTHING, present: [keyOf(batchId)] });
  expect(new Map(world.objects)).toEqual(await world.expected());
});

/** Another world with the same history. */
async function copyOf({ now }: ManifestWorld): Promise<ManifestWorld> {
  const world = await ManifestWorld.of(1);
  await world.plan();
  await world.completeAll();
  world.now = now;
  return world;
}

test("WDM5: a batch that waits for six days is given up, and told", async () => {
  const world = await ManifestWorld.of(2);
  const batchId = await world.plan();
  await world.complete(0);
  world.now += BATCH_SETTLED_MS + 1;
  await world.write();

  world.now = START + MANIFESTS_LOOK_BACK_MS;
  await expect(world.write()).resolves.toEqual({ ...NOTHING, waiting: 1 });
  world.now += 1;
  await expect(world.write()).resolves.toEqual({ ...NOTHING, givenUp: [batchId] });
});

test("a batch that waited for days gets its manifest, however much was planned since", async () => {
  const world = await ManifestWorld.of(3);
  const batchId = await world.plan();
  await world.split(2, "SKIPPED");
  for (let runs = 0; runs < 50; runs += 1) {
    await world.complete(0);
    await world.complete(1);
    world.now += DAY_MS / 10;
    await world.write();
    await world.plan([0, 1]);
  }

  await world.split(2, "QUARANTINED");
  await world.completeAll();
  const { written } = await world.write();

  expect(written).toContain(keyOf(batchId));
  expect(world.objects.get(keyOf(batchId))).toBe((await world.expected()).get(keyOf(batchId)));
});

test("the first run looks a day back", async () => {
  const world = await ManifestWorld.of(1);
  await world.plan();
  await world.completeAll();
  world.now += 1_000;
  const batchId = await world.plan();
  await world.completeAll();

  world.now += MANIFESTS_FIRST_LOOK_BACK_MS - 500;
  const { written } = await world.write();

  expect(written).toEqual([keyOf(batchId)]);
});

test("WMA1: what is there with another content stays, is told by each run, and makes place when it is moved away", async () => {
  const world = await ManifestWorld.of(1);
  const batchId = await world.plan();
  await world.completeAll();
  world.objects.set(keyOf(batchId), "{}");
  world.now += BATCH_SETTLED_MS + 1;

  const runs = [await world.write(), await world.write()];
  world.objects.delete(keyOf(batchId));
  runs.push(await world.write());

  expect(runs).toEqual([
    { ...NOTHING, differing: [keyOf(batchId)], waiting: 1 },
    { ...NOTHING, differing: [keyOf(batchId)], waiting: 1 },
    { ...NOTHING, written: [keyOf(batchId)] },
  ]);
});

test("an archive that is not the function's is named, and no call is made to it", async () => {
  const world = await ManifestWorld.of(2);
  const batchId = await world.plan();
  await world.complete(0, { bucket: "elsewhere", prefix: "archive" });
  await world.complete(1, { bucket: "orders", prefix: "other" });
  world.now += BATCH_SETTLED_MS + 1;

  const outcome = await world.write();

  const places = ["s3://elsewhere/archive", "s3://orders/other"];
  expect(outcome).toEqual({ ...NOTHING, elsewhere: places.map((at) => `${at}/_manifests/${batchId}.json`) });
  expect(world.objects.size).toBe(0);
});

test("G7: beyond what the progress holds the batches that have waited for the longest are given up", async () => {
  const world = await ManifestWorld.of(1);
  const waiting = Array.from({ length: MAX_WAITING_BATCHES }, (_, index) => ({
    batchId: `waits-${index}`,
    begunAt: START + index,
    openRange: { topicId: "0b0d6d40-6f25-4a3b-8c55-000000000001", partition: 0, fromOffset: 0n },
  }));
  await world.manifests.writeManifestProgress({ pipeline: "word-count", revision: 1, waiting });
  world.now += 10_000;
  await world.plan();
  world.now += BATCH_SETTLED_MS + 1;

  const { givenUp, waiting: left } = await world.write();

  expect(givenUp).toEqual(["waits-0"]);
  expect(left).toBe(MAX_WAITING_BATCHES);
});

test("SRE2: a request that is completed is looked at again until nothing of any is open", async () => {
  const world = await ManifestWorld.of(4);
  for (const requestId of ["early", "late"]) {
    await world.request(requestId, [0, 1, 2]);
  }
  await world.completeRequest("late");
  await world.completeRanges("early", 1);
  await world.closeRequest("early");
  world.now += BATCH_SETTLED_MS + 1;

  const before = await world.write();
  await world.completeRanges("early", 2);
  const after = await world.write();

  expect(before.written).toHaveLength(3);
  expect(after.written).toHaveLength(1);
  expect(new Map(world.objects)).toEqual(await world.expected());
});

test("BM1: a batch of a request that a run of the scheduler may still plan in has to wait", async () => {
  const world = await ManifestWorld.of(2);
  await world.request("again", [0, 1]);
  await world.completeRequest("again");

  await expect(world.write()).resolves.toEqual(NOTHING);
  world.now += BATCH_SETTLED_MS;

  expect((await world.write()).written).toHaveLength(2);
});

test("WDM5: batches of a request that ran for longer than the table surely remembers are given up, and told", async () => {
  const world = await ManifestWorld.of(2);
  await world.request("again", [0, 1]);
  world.now += MANIFESTS_LOOK_BACK_MS + 1;
  await world.completeRequest("again");

  const { givenUp, written } = await world.write();

  expect(givenUp).toHaveLength(2);
  expect(written).toEqual([]);
});
