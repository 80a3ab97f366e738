import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { pausesOf } from "../../../shared/core/ledger/pauses.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../support/builders/builders.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";

const expiresAt = Date.now() + 86_400_000;
const before = aRangeRecord({ status: "COMPLETED", fromOffset: 0n, untilOffset: 120n, expiresAt });

/** [120, 200), of which [120, committedOffset) took effect. */
function halted(committedOffset = 120n): RangeRecord {
  return aHaltedRecord({ fromOffset: 120n, untilOffset: 200n, committedOffset });
}

describe.each(DYNAMODB_ENGINES)("on $name", ({ endpointKey }) => {
  let table: DynamoDBLedgerUnderTest;

  beforeAll(async () => {
    table = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    return () => table[Symbol.asyncDispose]();
  });

  /** A pipeline of its own that has started on orders-3 and orders-4. */
  async function store(...records: readonly RangeRecord[]) {
    const pipeline = `p-${randomUUID()}`;
    const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: [3, 4] }];
    await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics });
    const chain = { pipeline, topicId: ORDERS_ID, partition: 3 };
    for (const record of records) {
      await table.ledger.planRange({ ...record, chain });
    }
    const where = ["--table", table.tableName, "--pipeline", pipeline, "--endpoint-url", inject(endpointKey)];
    return {
      pipeline,
      chain,
      run: (verb: string, ...args: readonly string[]) => runRanges([verb, ...where, ...args]),
      newest: () => table.ledger.newestRange(chain),
    };
  }

  test("RS5: retry makes a halted range due at once where it was committed, and keeps who and why", async () => {
    const { run, newest, chain } = await store(before, halted(150n));

    const { code, stdout, stderr } = await run("retry", "--range", "orders:3", "--by", "ann", "--reason", "mended");

    const text = "retried orders-3 [120, 200) from 150: due at once, with all its attempts\n";
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: text, stderr: "" });
    const retried = await newest();
    expect(retried).toMatchObject({ status: "PLANNED", failedAttempts: 0, operator: { by: "ann", reason: "mended" } });
    const claim = { kind: "claim", owner: "processor", now: 0, leaseMs: 1_000 } as const;
    await expect(table.ledger.changeRange(retried ?? halted(), claim)).resolves.toMatchObject({ kind: "changed" });
    await expect(table.ledger.newestRange(chain)).resolves.toMatchObject({ status: "RUNNING" });
  });

  test("RS6, G2: skip says how many offsets are not processed, the chain goes on, and verify counts them", async () => {
    const { run, newest, chain, pipeline } = await store(before, halted(150n));

    const skipped = await run("skip", "--range", "orders:3:120", "--by", "ann", "--reason", "poison, ticket 17");

    const text = "skipped orders-3 [120, 200) from 150: 50 offsets not processed\n";
    expect({ code: skipped.code, stdout: skipped.stdout }).toEqual({ code: 0, stdout: text });
    await expect(newest()).resolves.toMatchObject({ status: "SKIPPED", committedOffset: 150n });
    await table.ledger.planRange({ ...aRangeRecord({ fromOffset: 200n, untilOffset: 210n }), chain });
    const verified = await run("verify");
    expect(verified.stdout).toContain(
      `${pipeline}: SKIPPED: 50 offsets not processed: orders-3 [150, 200), by ann at `,
    );
    expect(verified.stdout).toContain(": poison, ticket 17\n");
  });

  test("RS6, G2: skip --until gives up the first part only; the rest is planned behind it", async () => {
    const { run, chain } = await store(before, halted(150n));
    const args = ["--range", "orders:3:120", "--until", "160", "--reason", "the records are gone", "--by", "ann"];
    const stdout = "skipped orders-3 [120, 160) from 150: 10 offsets not processed; orders-3 [160, 200) goes on\n";

    const dry = await run("skip", ...args, "--dry-run");
    const done = await run("skip", ...args);

    expect(dry).toEqual({ code: 0, stdout: `would have ${stdout}`, stderr: "" });
    expect(done).toEqual({ code: 0, stdout, stderr: "" });
    const operator = { by: "ann", reason: "the records are gone" };
    await expect(Array.fromAsync(table.ledger.ranges(chain))).resolves.toMatchObject([
      { status: "COMPLETED", untilOffset: 120n },
      { status: "SKIPPED", untilOffset: 160n, committedOffset: 150n, operator },
      { status: "PLANNED", fromOffset: 160n, untilOffset: 200n },
    ]);
    // Nothing of orders-4 was ever planned here; the chain of orders-3 is whole.
    expect(JSON.parse((await run("verify", "--json")).stdout)).toMatchObject({
      problems: [{ kind: "missing", partition: 4 }],
      unprocessed: [{ status: "SKIPPED", fromOffset: "150", untilOffset: "160", operator }],
    });
  });

  test("RS8: skip --offset marks one record; a later word takes its place, a retry takes it back, and status shows it", async () => {
    const { run, newest } = await store(before, halted(150n));
    const args = ["--range", "orders:3:120", "--reason", "poison", "--by", "ann"];

    const dry = await run("skip", ...args, "--offset", "160", "--dry-run");
    const done = await run("skip", ...args, "--offset", "160", "--json");

    const text =
      "marked offset 160 of orders-3 [120, 200) from 150 to be skipped: due at once, before it and behind it as well\n";
    expect(dry).toEqual({ code: 0, stdout: `would have ${text}`, stderr: "" });
    expect(JSON.parse(done.stdout)).toMatchObject({
      verb: "skip",
      applied: true,
      status: "PLANNED",
      skipOffset: "160",
    });
    await expect(newest()).resolves.toMatchObject({ skipOffset: 160n, operator: { by: "ann", reason: "poison" } });
    expect((await run("status")).stdout).toContain("PLANNED, skips 160");
    const other = await run("skip", ...args, "--offset", "155");
    expect(other.stderr).toBe("offset 160, which was to be skipped, is processed like the others again\n");
    await expect(newest()).resolves.toMatchObject({ skipOffset: 155n });
    const retried = await run("retry", "--range", "orders:3");
    expect(retried.stderr).toBe("offset 155, which was to be skipped, is processed like the others again\n");
    await expect(newest()).resolves.not.toHaveProperty("skipOffset");
  });

  test("of a retry and a skip at the same time the skip is final, whichever came first", async () => {
    const { run, newest } = await store(before, halted());

    const [retry, skip] = await Promise.all([
      run("retry", "--range", "orders:3:120"),
      run("skip", "--range", "orders:3:120", "--reason", "poison"),
    ]);

    expect(skip?.code).toBe(0);
    expect([0, 1]).toContain(retry?.code);
    await expect(newest()).resolves.toMatchObject({ status: "SKIPPED" });
  });

  test.each([
    ["retry", ["--range", "orders:3"], "would have retried orders-3 [120, 200): due at once, with all its attempts\n"],
    [
      "skip",
      ["--range", "orders:3:120", "--reason", "poison"],
      "would have skipped orders-3 [120, 200): 80 offsets not processed\n",
    ],
  ])("%s --dry-run says what it would do and changes nothing", async (verb, args, stdout) => {
    const { run, newest } = await store(before, halted());
    const unchanged = await newest();

    const result = await run(verb, ...args, "--dry-run");

    expect(result).toEqual({ code: 0, stdout, stderr: "" });
    await expect(newest()).resolves.toEqual(unchanged);
  });

  test("PS1: pause and resume are facts of the pipeline's record, each scope by itself", async () => {
    const { run, chain, pipeline } = await store(before);
    const pauseOf = async () => pausesOf(await table.ledger.readPipeline(pipeline))(chain);

    const one = await run("pause", "--partition", "orders:3", "--by", "ann", "--reason", "poison");
    const again = await run("pause", "--partition", "orders:3", "--by", "eve", "--reason", "other");
    const same = await run("pause", "--partition", "orders:3", "--by", "eve", "--reason", "other");
    const whole = await run("pause", "--by", "bob", "--reason", "schema change");

    expect(one.stdout).toMatch(new RegExp(`^${pipeline} orders-3 is paused by ann since \\S+: poison\n$`));
    expect(again.stdout).toMatch(
      new RegExp(
        `^${pipeline} orders-3 is paused already, by ann since \\S+: poison; also by eve since \\S+: other\n$`,
      ),
    );
    expect(same.stdout).toBe(again.stdout);
    expect(whole.stdout).toMatch(new RegExp(`^${pipeline} is paused by bob since \\S+: schema change\n$`));
    expect([one.code, again.code, whole.code]).toEqual([0, 0, 0]);
    await expect(pauseOf()).resolves.toMatchObject({ by: "bob" });
    const resumed = await run("resume");
    expect(resumed.stdout).toMatch(
      new RegExp(`^${pipeline} is resumed; it was paused by bob since \\S+: schema change\n$`),
    );
    expect(resumed.stderr).toMatch(/^orders-3 stays paused by ann since \S+: poison; also by eve since \S+: other\n$/);
    await expect(pauseOf()).resolves.toMatchObject({ by: "ann", also: [{ by: "eve", reason: "other" }] });
    await run("resume", "--partition", "orders:3");
    await expect(pauseOf()).resolves.toBeUndefined();
    await expect(table.ledger.readPipeline(pipeline)).resolves.not.toHaveProperty("pauses");
  });

  test("pauses of many partitions at the same time are all kept", async () => {
    const { run, pipeline } = await store(before);

    const results = await Promise.all(
      [3, 4].map((partition) => run("pause", "--partition", `orders:${partition}`, "--reason", "poison")),
    );

    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    await expect(table.ledger.readPipeline(pipeline)).resolves.toMatchObject({
      pauses: expect.objectContaining({ length: 2 }),
    });
  });

  test("whose shell it is did it, when nobody is named", async () => {
    const { run, newest } = await store(before, halted());

    await run("retry", "--range", "orders:3");

    expect((await newest())?.operator).toMatchObject({ by: userInfo().username, reason: "none given" });
  });
});
