import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../support/builders/builders.ts";
import { PACING } from "../../support/builders/reprocess-builders.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";

const expiresAt = Date.now() + 86_400_000;
const lease = { owner: "processor-1", counter: 1, expiresAt };
const named = { fromOffset: 120n, untilOffset: 200n };
const skip = ["skip", "--range", "orders:3:120", "--reason", "poison"] as const;
const retry = ["retry", "--range", "orders:3"] as const;

let table: DynamoDBLedgerUnderTest;

beforeAll(async () => {
  table = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
  return () => table[Symbol.asyncDispose]();
});

/** A pipeline of its own, whose only range of orders-3 is this one; of a request where an id is given. */
async function store(record: RangeRecord, requestId?: string) {
  const pipeline = `p-${randomUUID()}`;
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: [3, 4] }];
  await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics });
  const chain = { pipeline, topicId: ORDERS_ID, partition: 3, ...(requestId === undefined ? {} : { requestId }) };
  await table.ledger.planRange({ ...record, chain });
  const where = ["--table", table.tableName, "--endpoint-url", inject("dynamodbLocal.endpoint")];
  return {
    pipeline,
    chain,
    run: ([verb = "", ...args]: readonly string[]) => runRanges([verb, ...where, "--pipeline", pipeline, ...args]),
  };
}

describe("what cannot be done is refused with exit code 1, the range's status, and what to do instead", () => {
  test.each<[string, readonly string[], RangeRecord, RegExp]>([
    [
      "G3: a range that a processor holds",
      skip,
      aRangeRecord({ ...named, status: "RUNNING", lease }),
      /orders-3 \[120, 200\) was not skipped: it is RUNNING under the lease of processor-1 until .*; wait/,
    ],
    [
      "G4: a completed range",
      retry,
      aRangeRecord({ ...named, status: "COMPLETED", expiresAt }),
      /orders-3 \[120, 200\) was not retried: it is COMPLETED since .*; to process its records again, reprocess them/,
    ],
    [
      "an anchor",
      skip,
      aRangeRecord({ status: "ANCHOR", fromOffset: 120n }),
      /orders-3 \[120, 120\) was not skipped: it only marks where the partition begins/,
    ],
  ])("%s", async (_, command, record, message) => {
    const { run, chain } = await store(record);
    const unchanged = await table.ledger.newestRange(chain);

    const json = await run([...command, "--json"]);

    expect(json.code).toBe(1);
    expect(json.stderr).toMatch(new RegExp(`^ranges: ${message.source}.*\n$`));
    expect(JSON.parse(json.stdout)).toMatchObject({
      applied: false,
      fromOffset: "120",
      status: record.status,
      refusal: expect.stringMatching(message),
    });
    await expect(table.ledger.newestRange(chain)).resolves.toEqual(unchanged);
  });
});

describe("bad input is refused with exit code 2 and nothing is changed", () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      "a skip without the first offset",
      ["skip", "--range", "orders:3", "--reason", "x"],
      /--range orders:3:FROM; `ranges status` shows it/,
    ],
    [
      "a skip of another first offset",
      ["skip", "--range", "orders:3:119", "--reason", "x"],
      /orders-3 has no range that begins at 119; it has orders-3 \[120, 200\) HALTED/,
    ],
    [
      "a skip of part of a range up to where it begins",
      [...skip, "--until", "120"],
      /--until 120 is not above 120, to where orders-3 \[120, 200\) is committed, and up to 200/,
    ],
    [
      "a skip of a record behind the range",
      [...skip, "--offset", "200"],
      /--offset 200 is not in \[120, 200\), what orders-3 \[120, 200\) has still to process/,
    ],
    ["a record that is no offset", [...skip, "--offset", "x"], /--offset "x" is not an offset/],
    ["two parts of a range", [...skip, "--offset", "130", "--until", "140"], /--until and --offset are two ways/],
    ["a skip without a reason", ["skip", "--range", "orders:3:120"], /--reason/],
    ["a blank reason", ["skip", "--range", "orders:3:120", "--reason", " "], /--reason " " is empty; give a text/],
    ["a pause without a reason", ["pause"], /--reason/],
    ["a blank name", [...skip, "--by", ""], /--by "" is empty; give a text/],
    ["a partition that was not started", ["retry", "--range", "orders:9"], /has not started on orders-9/],
    ["a partition whose ranges are lost", ["retry", "--range", "orders:4"], /has lost the ranges of orders-4/],
    ["an end that is no offset", [...skip, "--until", "latest"], /--until "latest" is not an offset/],
    [
      "a retention of no time",
      [...skip, "--retention-days", "6"],
      /--retention-days "6" is not a whole number of days from 7 to 365/,
    ],
    ["an unknown request", [...retry, "--request-id", "nope"], /reprocess request "nope" of .* is not in this ledger/],
  ])("%s", async (_, command, message) => {
    const { run, chain } = await store(aHaltedRecord(named));
    const unchanged = await table.ledger.newestRange(chain);

    const { code, stdout, stderr } = await run(command);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim()).not.toContain("\n");
    await expect(table.ledger.newestRange(chain)).resolves.toEqual(unchanged);
  });

  test("a resume of a partition that only its pipeline's pause holds, with the line that helps", async () => {
    const { run, pipeline } = await store(aHaltedRecord(named));
    await run(["pause", "--by", "ann", "--reason", "schema change"]);

    const { code, stderr } = await run(["resume", "--partition", "orders:3"]);

    expect(code).toBe(2);
    expect(stderr).toMatch(/orders-3 is not paused by itself: the pipeline is paused by ann since .*: schema change; /);
    expect(stderr).toContain(`npx ranges resume --table ${table.tableName} --pipeline ${pipeline} --endpoint-url`);
  });
});

test("G9: a range of a reprocess request is retried and skipped by its request's id, the live one is not touched", async () => {
  const { run, chain, pipeline } = await store(aHaltedRecord(named), "again-1");
  const live = { ...aHaltedRecord(named), chain: { pipeline, topicId: ORDERS_ID, partition: 3 } };
  await table.ledger.planRange(live);
  const range = { topicId: ORDERS_ID, topic: "orders", partition: 3, ...named };
  const request = { pipeline, requestId: "again-1", requestedAt: 1, payload: "orders:3:120:200", ranges: [range] };
  await table.ledger.requestReprocess({ ...request, ...PACING });

  const retried = await run([...retry, "--request-id", "again-1"]);
  const skipped = await run([...skip, "--request-id", "again-1", "--json"]);

  expect(retried.stdout).toBe("retried orders-3 [120, 200): due at once, with all its attempts\n");
  expect(JSON.parse(skipped.stdout)).toMatchObject({
    verb: "skip",
    applied: true,
    requestId: "again-1",
    status: "SKIPPED",
    unprocessed: "80",
    operator: { reason: "poison" },
  });
  await expect(table.ledger.newestRange(chain)).resolves.toMatchObject({ status: "SKIPPED" });
  await expect(table.ledger.newestRange(live.chain)).resolves.toEqual(live);
});

test.each([
  ["retry", "--range", "orders:3:120"],
  ["skip", "--range", "orders:3:120", "--reason", "poison"],
  ["retry", "--range", "orders:3:120", "--request-id", "again-2"],
  ["cancel", "--request-id", "again-2", "--reason", "not mine"],
])(
  "L7: %s by --pipeline of what another pipeline of the table owns is refused, and changes nothing",
  async (...command) => {
    const theirs = await store(aHaltedRecord(named), "again-2");
    const range = { topicId: ORDERS_ID, topic: "orders", partition: 3, ...named };
    const asked = { pipeline: theirs.pipeline, requestId: "again-2", requestedAt: 1, payload: "{}", ranges: [range] };
    await table.ledger.requestReprocess({ ...asked, ...PACING });
    const live = { pipeline: theirs.pipeline, topicId: ORDERS_ID, partition: 3 };
    await table.ledger.planRange({ ...aHaltedRecord(named), chain: live });
    const state = async () => [
      await table.ledger.newestRange(theirs.chain),
      await table.ledger.newestRange(live),
      await table.ledger.openReprocesses(theirs.pipeline),
    ];
    const before = await state();
    const ours = await store(aHaltedRecord({ fromOffset: 500n, untilOffset: 600n }));

    const { code, stdout } = await ours.run(command);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    await expect(state()).resolves.toEqual(before);
  },
);
