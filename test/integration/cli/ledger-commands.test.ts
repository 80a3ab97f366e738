import { beforeAll, describe, expect, inject, test } from "vitest";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../support/builders/builders.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";

let table: DynamoDBLedgerUnderTest;

const run = (command: string, ...args: readonly string[]) =>
  runRanges([command, "--table", table.tableName, "--endpoint-url", inject("dynamodbLocal.endpoint"), ...args]);

async function store(pipeline: string, records: readonly RangeRecord[], partitions: readonly number[] = [3]) {
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions }];
  await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics });
  for (const record of records) {
    await table.ledger.planRange({ ...record, chain: { ...record.chain, pipeline } });
  }
}

/** With an end that the engine's own clock has not passed. */
function completed(fromOffset: bigint, untilOffset: bigint): RangeRecord {
  const expiresAt = Date.now() + 86_400_000;
  return aRangeRecord({ status: "COMPLETED", fromOffset, untilOffset, writeId: `write-${fromOffset}`, expiresAt });
}

beforeAll(async () => {
  table = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
  return () => table[Symbol.asyncDispose]();
});

describe("ranges verify", () => {
  test("G2: proves a whole chain with exit code 0", async () => {
    await store("whole", [completed(0n, 5n), completed(5n, 9n), aRangeRecord({ fromOffset: 9n, untilOffset: 12n })]);

    const { code, stdout } = await run("verify", "--pipeline", "whole");

    expect(code).toBe(0);
    expect(stdout).toContain("\n12 offsets = 9 absent + 3 open\n1 chains with 3 ranges are whole\n");
    expect(stdout).toMatch(/^whole: warning: openLong: orders-3 \[9, 12\) is PLANNED since 2026-01-01/);
    expect((await run("verify", "--pipeline", "whole", "--strict")).code).toBe(1);
  });

  test("VC4: a lease that outlived its time by more than --stuck-after minutes is a problem", async () => {
    const expiresAt = Date.now() - 5 * 60_000;
    const lease = { owner: "processor-1", counter: 1, expiresAt };
    await store("leased", [aRangeRecord({ status: "RUNNING", plannedAt: expiresAt, lease })]);

    const patient = await run("verify", "--pipeline", "leased", "--strict", "--stuck-after", "6");
    const { code, stdout } = await run("verify", "--pipeline", "leased", "--json", "--stuck-after", "4");

    expect(patient).toMatchObject({ code: 0, stdout: "4 offsets = 4 open\n1 chains with 1 ranges are whole\n" });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ kind: "leaseExpired", partition: 3, fromOffset: "5", untilOffset: "9" }],
      warnings: [{ kind: "openLong", partition: 3 }],
      totals: { open: "4", delivered: "0" },
    });
  });

  test("G6: with brokers, a chain is held against its log", async () => {
    await store("logless", [completed(0n, 5n)]);
    const brokers = ["--bootstrap-servers", inject("kafka.bootstrapServers")];

    const { code, stdout } = await run("verify", "--pipeline", "logless", ...brokers);

    expect(code).toBe(1);
    expect(stdout).toMatch(/^logless: topicGone: orders-3 does not exist in Kafka any more\n/);
  });

  test("G2, G6: names gaps, overlaps and missing chains with their coordinates and exits with 1", async () => {
    await store("broken", [completed(0n, 5n), completed(7n, 9n), completed(8n, 12n)], [3, 4]);

    const { code, stdout } = await run("verify", "--pipeline", "broken", "--json");

    expect(code).toBe(1);
    const coordinates = { pipeline: "broken", topic: "orders" };
    expect(JSON.parse(stdout)).toMatchObject({
      whole: false,
      chains: 2,
      ranges: 3,
      problems: [
        { ...coordinates, kind: "gap", partition: 3, fromOffset: "5", untilOffset: "7" },
        { ...coordinates, kind: "overlap", partition: 3, fromOffset: "8", untilOffset: "9" },
        { ...coordinates, kind: "missing", partition: 4 },
      ],
    });
  });

  test("an unknown pipeline is bad input and the known ones are named", async () => {
    await store("known", []);

    const { code, stderr } = await run("verify", "--pipeline", "unknown");

    expect(code).toBe(2);
    expect(stderr).toMatch(/^ranges: pipeline "unknown" is not in this ledger; it knows .*known/);
  });

  test("a table that does not exist is bad input", async () => {
    const { code, stderr } = await run("verify", "--table", "no-such-table");

    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^ranges: .*no-such-table/) });
  });
});

describe("ranges status", () => {
  test("FT7: shows where a partition stands and why it does not move", async () => {
    await store("stuck", [completed(0n, 9n), aHaltedRecord({ fromOffset: 9n, untilOffset: 12n })]);

    const text = await run("status", "--pipeline", "stuck");
    const json = await run("status", "--pipeline", "stuck", "--json");

    expect(text.stdout).toContain("stuck     orders-3   [9, 12)  HALTED");
    expect(text.stdout).toContain("stuck orders-3: RangeReadError: the broker is gone");
    expect(JSON.parse(json.stdout)).toMatchObject({
      partitions: [
        { pipeline: "stuck", partition: 3, status: "HALTED", checkpoint: "9", error: { name: "RangeReadError" } },
      ],
    });
  });

  test("FT7: the line that it shows for a halted range mends it as it stands", async () => {
    const halted = aHaltedRecord({ fromOffset: 9n, untilOffset: 12n });
    await store("pasted", [completed(0n, 9n), halted]);
    const { stdout } = await run("status", "--pipeline", "pasted");
    const line = stdout.split("\n").find((text) => text.startsWith("  npx ranges retry "));

    const { code } = await runRanges(line?.trim().split(" ").slice(2) ?? []);

    expect(code).toBe(0);
    const { partitions } = JSON.parse((await run("status", "--pipeline", "pasted", "--json")).stdout);
    expect(partitions).toMatchObject([{ status: "PLANNED", operator: { reason: "none given" } }]);
  });

  test("FT6: shows what is paused, by whom and why, once for a pipeline, and the oldest unfinished range", async () => {
    const open = aRangeRecord({ fromOffset: 9n, untilOffset: 12n });
    await store("resting", [completed(0n, 9n), open], [3, 4]);
    await run("pause", "--pipeline", "resting", "--by", "ann", "--reason", "schema change");

    const text = await run("status", "--pipeline", "resting");
    const json = await run("status", "--pipeline", "resting", "--json");

    expect(text.stdout).toContain("resting   orders-3   [9, 12)  PLANNED, paused");
    expect(text.stdout).toMatch(
      /oldest unfinished range: resting orders-3 \[9, 12\) PLANNED, planned [\d.]+ minutes ago/,
    );
    expect(
      text.stdout.match(/resting: the pipeline is paused by ann since .*: schema change\n {2}npx ranges resume /g),
    ).toHaveLength(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      partitions: [
        {
          partition: 3,
          paused: { by: "ann", reason: "schema change" },
          stuck: { command: expect.stringContaining("resume") },
        },
        { partition: 4, status: "MISSING", paused: { by: "ann" } },
      ],
      oldestUnfinished: { pipeline: "resting", partition: 3, fromOffset: "9", status: "PLANNED" },
    });
  });
});
