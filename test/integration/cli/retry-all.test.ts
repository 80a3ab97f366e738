import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { retryAll } from "../../../functions/cli/commands/retry-all.ts";
import type { ChainKey, RangeRecord } from "../../../shared/core/range/range-record.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../support/builders/builders.ts";
import { PACING } from "../../support/builders/reprocess-builders.ts";
import { createRecordingTerminal } from "../../support/cli/recording-terminal.ts";
import { jsonLines, runRanges } from "../../support/cli/run-ranges.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";

const PAYMENTS_ID = "0b0d6d40-6f25-4a3b-8c55-000000000002";
const OLD_ID = "0b0d6d40-6f25-4a3b-8c55-000000000003";
const named = { fromOffset: 120n, untilOffset: 200n };
const byCode = { error: { name: "TypeError", message: "no such field" } };
const error = { error: { name: "RangeReadError", message: "the broker is gone" } };

describe.each(DYNAMODB_ENGINES)("on $name", ({ endpointKey }) => {
  let table: DynamoDBLedgerUnderTest;

  beforeAll(async () => {
    table = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    return () => table[Symbol.asyncDispose]();
  });

  /**
   * A pipeline of its own, halted by an outage in orders-3, payments-0 and a request's range of orders-3, by its code
   * in orders-4, and in a topic that is ended; orders-5 waits for its back-off.
   */
  async function store() {
    const pipeline = `p-${randomUUID()}`;
    const topics = [
      { topicId: OLD_ID, topic: "orders", partitions: [3], endedAt: 2 },
      { topicId: ORDERS_ID, topic: "orders", partitions: [3, 4, 5] },
      { topicId: PAYMENTS_ID, topic: "payments", partitions: [0] },
    ];
    await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics });
    const range = { topicId: ORDERS_ID, topic: "orders", partition: 3, ...named };
    const request = { pipeline, requestId: "again-1", requestedAt: 1, payload: "{}", ranges: [range], ...PACING };
    await table.ledger.requestReprocess(request);
    await table.ledger.changeReprocess(pipeline, "again-1", (present) => ({ ...present, open: [0] }));
    const chainOf = (topicId: string, partition: number): ChainKey => ({ pipeline, topicId, partition });
    const chains = {
      old: chainOf(OLD_ID, 3),
      orders3: chainOf(ORDERS_ID, 3),
      orders4: chainOf(ORDERS_ID, 4),
      orders5: chainOf(ORDERS_ID, 5),
      payments: chainOf(PAYMENTS_ID, 0),
      again: { ...chainOf(ORDERS_ID, 3), requestId: "again-1" },
    };
    for (const record of [
      aHaltedRecord({ chain: chains.old, ...named, ...error }),
      aHaltedRecord({ chain: chains.orders3, ...named, ...error, committedOffset: 150n }),
      aHaltedRecord({ chain: chains.orders4, partition: 4, ...named, ...byCode }),
      aRangeRecord({ chain: chains.orders5, partition: 5, ...named, status: "FAILED" }),
      aHaltedRecord({ chain: chains.payments, topic: "payments", partition: 0, ...named, ...error }),
      aHaltedRecord({ chain: chains.again, ...named, ...error }),
    ]) {
      await table.ledger.planRange(record);
    }
    const where = ["--table", table.tableName, "--pipeline", pipeline, "--endpoint-url", inject(endpointKey)];
    const statuses = async () => {
      const shown = async ([name, chain]: readonly [string, ChainKey]) => [name, await table.ledger.newestRange(chain)];
      return Object.fromEntries(await Promise.all(Object.entries(chains).map(shown))) as Record<string, RangeRecord>;
    };
    return { pipeline, chains, statuses, run: (...args: readonly string[]) => runRanges(["retry", ...where, ...args]) };
  }

  test("RS5, FT7: every halted range of the live chains and of open requests is due at once, with who and why", async () => {
    const { run, statuses } = await store();
    const before = await statuses();

    const { code, stdout, stderr } = await run("--all", "--by", "ann", "--reason", "mended");

    const due = "due at once, with all its attempts; it had halted by";
    expect({ code, lines: stdout.trim().split("\n").toSorted(), stderr }).toEqual({
      code: 0,
      lines: [
        `retried orders-3 [120, 200) from 150: ${due} RangeReadError`,
        `retried orders-3 [120, 200) of request "again-1": ${due} RangeReadError`,
        `retried orders-4 [120, 200): ${due} TypeError`,
        `retried payments-0 [120, 200): ${due} RangeReadError`,
      ],
      stderr: "retried 4 of 4 halted ranges\n",
    });
    const { old, orders5, ...retried } = await statuses();
    expect({ old, orders5 }).toEqual({ old: before["old"], orders5: before["orders5"] });
    for (const record of Object.values(retried)) {
      const operator = { by: "ann", reason: "mended" };
      expect(record).toMatchObject({ status: "PLANNED", failedAttempts: 0, operator });
    }
    const again = await run("--all");
    expect(again).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(/^nothing to retry: no range/) });
  });

  test.each([
    [
      ["--topic", "orders", "--error", "RangeReadError"],
      ["again", "orders3"],
    ],
    [
      ["--error", "RangeReadError"],
      ["again", "orders3", "payments"],
    ],
    [["--topic", "payments", "--topic", "orders", "--error", "TypeError"], ["orders4"]],
    [["--request-id", "again-1"], ["again"]],
  ])("%s: what is named is retried and nothing else", async (options, names) => {
    const { run, statuses } = await store();

    const { code, stderr } = await run("--all", ...options);

    const retried = Object.entries(await statuses()).filter(([, { status }]) => status === "PLANNED");
    expect(retried.map(([name]) => name).toSorted()).toEqual(names);
    const ranges = names.length === 1 ? "range" : "ranges";
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `retried ${names.length} of ${names.length} halted ${ranges}\n`,
    });
  });

  test("a dry run lists what would be retried, with each range's error, as text and as JSON, and writes nothing", async () => {
    const { run, statuses, pipeline } = await store();
    const before = await statuses();

    const text = await run("--all", "--topic", "payments", "--dry-run");
    const json = await run("--all", "--request-id", "again-1", "--dry-run", "--json");

    expect(text).toEqual({
      code: 0,
      stdout:
        "would have retried payments-0 [120, 200): due at once, with all its attempts; it had halted by RangeReadError\n",
      stderr: "would have retried 1 of 1 halted range\n",
    });
    const range = { topic: "orders", partition: 3, fromOffset: "120", untilOffset: "200", ...error };
    expect(jsonLines(json.stdout)).toMatchObject([
      { verb: "retry", applied: false, isDryRun: true, pipeline, requestId: "again-1", ...range },
    ]);
    await expect(statuses()).resolves.toEqual(before);
  });

  test("RS9: what moved on since it was listed is left as it is, and makes exit code 1", async () => {
    const { pipeline, chains, statuses } = await store();
    const ben = { by: "ben", reason: "poison" };
    const { ledger } = table;
    const { orders3, orders4 } = await statuses();
    const interfere = async () => {
      const said = { operator: ben, now: Date.now() };
      await ledger.changeRange(orders3 ?? expect.unreachable(), { kind: "skipRecord", offset: 160n, ...said });
      await ledger.changeRange(orders4 ?? expect.unreachable(), { kind: "skip", retentionMs: 86_400_000, ...said });
    };
    // Another operator marks a record of one range and skips a second one, before the first write.
    let interfered: Promise<void> | undefined;
    const racing = {
      ...ledger,
      changeRange: async (...change: Parameters<typeof ledger.changeRange>) => {
        interfered ??= interfere();
        await interfered;
        return ledger.changeRange(...change);
      },
    };
    const terminal = createRecordingTerminal();
    const deps = { ledger: racing, terminal, now: Date.now, place: { table: table.tableName } };
    const choice = { pipeline, topics: ["orders"], errors: [] };
    const act = { choice, operator: { by: "ann", reason: "mended" }, json: false, isDryRun: false };

    const code = await retryAll(deps, act);

    expect(code).toBe(1);
    expect(terminal.noted).toContain("retried 1 of 3 halted ranges: 2 moved on meanwhile");
    expect(terminal.noted).toContainEqual(
      "ranges: orders-3 [120, 200) was not retried: it is PLANNED by now, by somebody else's word; see `ranges status`",
    );
    await expect(table.ledger.newestRange(chains.orders3)).resolves.toMatchObject({ skipOffset: 160n, operator: ben });
    await expect(table.ledger.newestRange(chains.orders4)).resolves.toMatchObject({ status: "SKIPPED", operator: ben });
  });

  test("RS8: a record that is to be skipped stays so when its range is retried with all others", async () => {
    const { pipeline, chains, run } = await store();
    const partition = 9;
    const chain = { ...chains.orders3, partition };
    const present = await table.ledger.readPipeline(pipeline);
    const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: [partition] }];
    await table.ledger.writePipeline({ ...(present ?? expect.unreachable()), revision: 2, topics });
    await table.ledger.planRange(aHaltedRecord({ chain, partition, ...named, skipOffset: 160n }));

    const { stdout } = await run("--all", "--error", "RangeReadError");

    expect(stdout).toContain(
      "retried orders-9 [120, 200): due at once, with all its attempts, but for offset 160, which is to be skipped; it had",
    );
    await expect(table.ledger.newestRange(chain)).resolves.toMatchObject({ status: "PLANNED", skipOffset: 160n });
  });

  test.each([
    [["--all", "--range", "orders:3"], /give exactly one of --range and --all/],
    [[], /give exactly one of --range and --all/],
    [["--range", "orders:3", "--error", "RangeReadError"], /--topic and --error choose among all halted ranges/],
    [["--all", "--topic", ""], /--topic "" is empty; name one/],
    [["--all", "--topic", "order"], /--topic "order": .* has not started on it; it has orders, payments/],
    [["--all", "--request-id", "nope"], /reprocess request "nope" of .* is not in this ledger/],
  ])("%s is refused with exit code 2, and nothing is changed", async (options, message) => {
    const { run, statuses } = await store();
    const before = await statuses();

    const { code, stdout, stderr } = await run(...options);

    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
    await expect(statuses()).resolves.toEqual(before);
  });
});
