import { beforeEach, describe, expect, test } from "vitest";
import { proveLedger, verifyLedger } from "../../../../../functions/cli/commands/verify-ledger.ts";
import { beginReprocess, driveReprocessRequests } from "../../../../../functions/scheduler/reprocess/reprocess.ts";
import { aReprocessPayload } from "../../../../support/builders/reprocess-builders.ts";
import { giveUp } from "../../../../support/give-up.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const MINUTE_MS = 60_000;

let bench: SchedulerBench;

/** A pipeline that has processed five records of each of its three partitions. */
beforeEach(async () => {
  bench = createSchedulerBench(3);
  bench.produceToEach(5);
  await bench.tick();
  bench.completeAll();
});

const deps = () => ({ ledger: bench.ledger, now: bench.clock.now, log: { source: bench.source } });

async function found(): Promise<readonly string[]> {
  const { problems, warnings } = await proveLedger(deps(), "word-count");
  return [...problems, ...warnings].map(({ kind, topic, partition }) => `${kind} ${topic}-${partition}`);
}

async function verify({ strict }: { readonly strict: boolean }) {
  const lines: string[] = [];
  const terminal = {
    print: async (line: string) => void lines.push(line),
    note: () => undefined,
    signal: AbortSignal.any([]),
  };
  const code = await verifyLedger({ ...deps(), terminal }, { pipeline: undefined, json: false, strict });
  return { code, lines };
}

test("a ledger and its logs that agree are whole, and its offsets are accounted for", async () => {
  expect(await verify({ strict: true })).toEqual({
    code: 0,
    lines: ["15 offsets = 15 delivered", "3 chains with 3 ranges are whole"],
  });
});

test("work that waits is a warning, which fails only if strict", async () => {
  bench.produce(1, 3);
  await bench.tick();
  bench.clock.advance(11 * MINUTE_MS);

  const { code, lines } = await verify({ strict: false });

  expect(code).toBe(0);
  expect(lines).toContainEqual(expect.stringMatching(/^word-count: warning: openLong: orders-1 \[5, 8\) is PLANNED/));
  expect((await verify({ strict: true })).code).toBe(1);
});

test("G6: what a re-created topic still owed is told as given up, and what it had processed is accounted for", async () => {
  bench.produce(1, 3);
  await bench.tick();
  bench.log.deleteTopic("orders");
  bench.log.createTopic("orders", 1);
  await bench.tick({ onTopicRecreated: "restart" });

  const { code, lines } = await verify({ strict: false });

  expect(code).toBe(0);
  expect(lines).toContainEqual(expect.stringMatching(/^word-count: LOST: 3 offsets not processed: orders-1 \[5, 8\)/));
  expect(lines).toContain("18 offsets = 15 delivered + 3 unprocessed");
  expect((await verify({ strict: true })).code).toBe(1);
});

test("who retried a range that was quarantined later is not told as who gave it up, and who skipped one is", async () => {
  const operator = { by: "ann", reason: "the code was deployed again" };
  bench.produce(1, 3);
  await bench.tick();
  const open = () => bench.ledger.all().find(({ status }) => status === "PLANNED") ?? expect.unreachable();
  const now = bench.clock.now();
  await bench.ledger.changeRange(open(), { kind: "retry", operator, now });
  await giveUp(bench.ledger, open(), { at: 6n, first: "QUARANTINED", now });
  await bench.ledger.changeRange(open(), {
    kind: "skip",
    operator: { by: "bob", reason: "a test" },
    now,
    retentionMs: 1,
  });

  const { lines } = await verify({ strict: false });

  const at = new Date(now).toISOString();
  expect(lines).toEqual(
    expect.arrayContaining([
      `word-count: QUARANTINED: 1 offsets not processed: orders-1 [5, 6); retried before by ann at ${at}: the code was deployed again`,
      `word-count: SKIPPED: 2 offsets not processed: orders-1 [6, 8), by bob at ${at}: a test`,
    ]),
  );
});

test("G6: records that were deleted before they were processed are a problem with both offsets", async () => {
  bench.produce(2, 5);
  bench.log.deleteBelow({ topic: "orders", partition: 2 }, 8n);

  const { code, lines } = await verify({ strict: false });

  expect(code).toBe(1);
  expect(lines[0]).toBe(
    "word-count: belowLog: orders-2 is processed up to 5, but its log begins at 8: the records between are gone",
  );
});

test("G6: a log that ends below what was processed is a problem", async () => {
  bench.log.truncate({ topic: "orders", partition: 0 }, 3n);

  expect(await found()).toEqual(["beyondLog orders-0"]);
});

test("G6: a topic that was re-created is a problem of each of its chains", async () => {
  bench.log.deleteTopic("orders");
  expect(await found()).toEqual(["topicGone orders-0", "topicGone orders-1", "topicGone orders-2"]);

  bench.log.createTopic("orders", 3);

  expect(await found()).toEqual(["topicRecreated orders-0", "topicRecreated orders-1", "topicRecreated orders-2"]);
});

test("a log that no broker tells of is a problem, not a proof", async () => {
  bench.source.failListing({ topic: "orders", partition: 1 }, new Error("no leader"));

  expect(await found()).toEqual(["logUnknown orders-1"]);
});

test("G6: a chain that the ledger has lost is a problem", async () => {
  for (const record of bench.ledger.all().filter(({ partition }) => partition === 2)) {
    bench.ledger.forget(record);
  }

  expect(await found()).toEqual(["missing orders-2"]);
});

test("a reprocess request that goes on for too long is told with its open ranges", async () => {
  const range = { topicId: bench.topicId, topic: "orders", partition: 0, fromOffset: 1n, untilOffset: 3n };
  const request = {
    pipeline: "word-count",
    requestId: "again",
    requestedAt: bench.clock.now(),
    payload: "p",
    maxConcurrentRanges: 1,
    isOrdered: true,
  };
  await bench.ledger.requestReprocess({ ...request, ranges: [range] });
  expect(await found()).toEqual([]);

  bench.clock.advance(11 * MINUTE_MS);

  const { problems, warnings } = await proveLedger(deps(), undefined);
  expect(problems).toEqual([]);
  expect(warnings).toMatchObject([
    { kind: "requestIncomplete", requestId: "again", pipeline: "word-count", fromOffset: 1n, untilOffset: 3n },
  ]);
});

describe("a request that reprocessed what the live chain has quarantined too", () => {
  /** Both gave up orders-0 [0, 1); the request is closed. */
  beforeEach(async () => {
    bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    await beginReprocess(
      bench.deps,
      bench.rules,
      aReprocessPayload("again-1", [{ topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 5n }]),
    );
    for (const record of bench.ledger.all()) {
      await giveUp(bench.ledger, record, { at: 1n, first: "QUARANTINED" });
    }
    bench.completeAll();
    await driveReprocessRequests(bench.deps, bench.rules);
  });

  test("is told apart from the chain by its id, with what became of its offsets", async () => {
    const { code, lines } = await verify({ strict: false });

    expect({ code, lines }).toEqual({
      code: 0,
      lines: [
        "word-count: QUARANTINED: 1 offsets not processed: orders-0 [0, 1)",
        "word-count request again-1: QUARANTINED: 1 offsets not processed: orders-0 [0, 1)",
        "word-count request again-1: 5 offsets = 4 processed + 1 quarantined",
        "5 offsets = 4 delivered + 1 unprocessed",
        "1 chains with 2 ranges are whole",
      ],
    });
  });

  test("is still told, and fails if strict, when the table has forgotten its ranges", async () => {
    for (const record of bench.ledger
      .all()
      .filter(({ status, chain }) => chain.requestId !== undefined || status === "QUARANTINED")) {
      bench.ledger.forget(record);
    }

    const { code, lines } = await verify({ strict: true });

    expect(code).toBe(1);
    expect(lines).toContain("word-count request again-1: 5 offsets = 4 processed + 1 quarantined");
  });
});

test("rejected records are no second part of the offsets that were delivered, and fail nothing, even if strict", async () => {
  const [record = expect.unreachable("no range")] = bench.ledger.all();
  bench.ledger.put({ ...record, counts: { ...record.counts, rejected: 2n } });

  const { code, lines } = await verify({ strict: true });

  expect(code).toBe(0);
  expect(lines).toContain("15 offsets = 13 delivered + 2 rejected");
});
