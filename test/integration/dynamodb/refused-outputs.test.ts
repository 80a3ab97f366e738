// What DynamoDB refuses of a commit's outputs, on real engines: which output it was, and
// whose fault.

import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ConfigurationError, InvalidOutputError, OutputLimitError } from "../../../shared/core/errors.ts";
import { blameOf } from "../../../shared/core/failure/blame-error.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { answerWith } from "../../support/ledger/ledger-faults.ts";
import { openSignedLedger } from "../../support/ledger/ledger-table.ts";
import { createOutputTable, type OutputTable } from "../../support/ledger/output-tables.ts";
import { aClaimedRange, changed, commitOf } from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";

type Item = Record<string, AttributeValue>;

const long = (bytes: number) => ({ S: "x".repeat(bytes) });
const text = { S: "text" };

describe.each(DYNAMODB_ENGINES)("of the outputs of a commit $name refuses", ({ endpointKey, namesMistypedUpdate }) => {
  let subject: DynamoDBLedgerUnderTest;
  let plain: OutputTable;
  let sorted: OutputTable;
  beforeAll(async () => {
    subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    plain = await createOutputTable(subject.client);
    sorted = await createOutputTable(subject.client, { hasSortKey: true });
    const item = { id: text, total: text, body: long(300_000) };
    await subject.client.send(new PutItemCommand({ TableName: plain.tableName, Item: item }));
  });
  afterAll(async () => {
    await plain[Symbol.asyncDispose]();
    await sorted[Symbol.asyncDispose]();
    await subject[Symbol.asyncDispose]();
  });

  const put = (item: Item, table = plain): TransactWriteItem => ({ Put: { TableName: table.tableName, Item: item } });
  const update = (key: Item, expression: string, value: AttributeValue): TransactWriteItem => ({
    Update: {
      TableName: plain.tableName,
      Key: key,
      UpdateExpression: expression,
      ExpressionAttributeValues: { ":value": value },
    },
  });

  /** What a commit of a good output and these ends with; nothing of it may have been written. */
  async function refusal(...outputs: readonly TransactWriteItem[]): Promise<Error> {
    const running = await aClaimedRange(subject);
    const good = randomUUID();
    const commit = subject.ledger.changeRange(running, commitOf(running, 8n), [put({ id: { S: good } }), ...outputs]);
    const error: unknown = await commit.catch((refused: unknown) => refused);
    await expect(plain.items()).resolves.not.toContain(good);
    await expect(subject.ledger.newestRange(running.chain)).resolves.toEqual(running);
    if (!(error instanceof Error)) {
      throw new Error("the commit was not refused");
    }
    return error;
  }

  test.each<[string, () => TransactWriteItem, RegExp]>([
    [
      "a partition key of 2,049 bytes",
      () => put({ id: long(2_049) }),
      /has 2049 bytes, more than 2048|ValidationError/,
    ],
    ["a sort key of 1,025 bytes", () => put({ id: text, part: long(1_025) }, sorted), /has 1025 bytes|ValidationError/],
    ["an empty key", () => put({ id: { S: "" } }), /its key attribute id is empty/],
    ["an empty key of an update", () => update({ id: { S: "" } }, "SET a = :value", text), /id is empty/],
    ["a key of another type", () => put({ id: { N: "5" } }), /: ValidationError: /],
    [
      "an item of 410 KB",
      () => put({ id: { S: "large" }, body: long(410_000) }),
      /has 4100\d\d bytes, more than 409600/,
    ],
    ["an update that outgrows an item", () => update({ id: text }, "SET a = :value", long(200_000)), /ValidationError/],
    ["a number that is none", () => put({ id: text, n: { N: "NaN" } }), /"NaN" is no number/],
    ["a number of 39 digits", () => put({ id: text, n: { N: "1".repeat(39) } }), /is no number of at most 38 digits/],
    ["an empty set", () => put({ id: text, set: { SS: [] } }), /a set is empty/],
    [
      "a set with an element twice",
      () => put({ id: text, set: { SS: ["a", "a"] } }),
      /\["a","a"\] has an element twice/,
    ],
  ])("OU1: %s, which is its record's fault; the output is named with its table and its key", async (_, output, why) => {
    const error = await refusal(output());

    expect(error).toBeInstanceOf(InvalidOutputError);
    expect(blameOf(error)).toBe("records");
    expect(error.message).toMatch(why);
    expect(error.message).toMatch(/^outputs\[1\] of 2, (Put|Update) to table outputs-/);
    expect((error as InvalidOutputError).outputIndex).toBe(1);
    expect(error.message.length).toBeLessThan(800);
  });

  test("OU1: an update of another type than what is stored: named where DynamoDB names it, and one of those listed elsewhere", async () => {
    const error = await refusal(update({ id: text }, "ADD total :value", { N: "1" }));

    expect(error).toMatchObject({ name: "InvalidOutputError", outputIndex: namesMistypedUpdate ? 1 : undefined });
    expect(error.message).toContain(`outputs[1] of 2, Update to table ${plain.tableName}, key {"id":{"S":"text"}}`);
  });

  test("OU1: an item that stands twice, and both outputs are named", async () => {
    const error = await refusal(
      put({ id: { S: "once" } }),
      put({ id: { S: "twice" } }),
      put({ id: { S: "once" }, n: text }),
    );

    const { tableName } = plain;
    const named = { tableName, itemKey: '{"id":{"S":"once"}}', outputIndexes: [1, 3] };
    expect(error).toMatchObject({ name: "RepeatedItemError", ...named });
    expect(blameOf(error)).toBe("size");
    expect(error.message).toMatch(
      /^outputs\[1\] and outputs\[3\] are of one item, \{"id":\{"S":"once"\}\} of table outputs-.*: make one of both/,
    );
  });

  test("OU1, OU3: an output that no field tells is one of those listed", async () => {
    const error = await refusal(update({ id: text }, "SET nonsense", text));

    expect(error).toMatchObject({ name: "InvalidOutputError", outputIndex: undefined });
    expect(error.message).toContain(`outputs[0] of 2, Put to table ${plain.tableName}`);
    expect(error.message).toContain(`outputs[1] of 2, Update to table ${plain.tableName}, key {"id":{"S":"text"}}`);
  });

  test("OU2: a table that does not exist, which is nobody's record and not the ledger's table", async () => {
    const tableName = `no-such-${randomUUID()}`;

    const error = await refusal({ Put: { TableName: tableName, Item: { id: text } } });

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(blameOf(error)).toBe("surroundings");
    expect(error.message).toMatch(
      new RegExp(`^table ${tableName} does not exist .* outputs\\[1\\] of 2, Put to table no-such-`),
    );
    expect(error.message).not.toContain(subject.tableName);
  });

  /** A ledger whose transactions are answered with this error, and whose tables may not be described. */
  async function answered(error: Error, outputs: readonly TransactWriteItem[]): Promise<unknown> {
    const undescribed = answerWith(openSignedLedger(inject(endpointKey)), "describeTable", () =>
      serviceError("AccessDeniedException"),
    );
    const calls = answerWith(undescribed, "transactWriteItems", () => error);
    const ledger = createRangeLedger(calls, { tableName: subject.tableName, newId: randomUUID });
    const running = await aClaimedRange(subject);
    return ledger.changeRange(running, commitOf(running, 8n), outputs).catch((refused: unknown) => refused);
  }

  const serviceError = (what: string) =>
    Object.assign(new Error("no"), { name: what, $metadata: {}, $fault: "client" });

  test("OU2: what may not be written, with the permission that is missing", async () => {
    const error = await answered(serviceError("AccessDeniedException"), [
      put({ id: text }),
      update({ id: { S: "b" } }, "SET a = :value", text),
    ]);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toContain(
      `grant the processor function dynamodb:PutItem on ${plain.tableName}, dynamodb:UpdateItem on ${plain.tableName}: no`,
    );
  });

  test("what is wrong is found as far as the outputs say it where their tables may not be described", async () => {
    const twice = update({ id: text }, "SET a = :value", text);

    const missing = await answered(serviceError("ResourceNotFoundException"), [put({ id: text }, sorted), twice]);
    const invalid = await answered(serviceError("ValidationException"), [
      put({ id: text }),
      update({ id: { S: "" } }, "SET a = :value", text),
    ]);

    expect((missing as Error).message).toContain(
      `one of the tables ${sorted.tableName}, ${plain.tableName} does not exist`,
    );
    expect(invalid).toMatchObject({ name: "InvalidOutputError", outputIndex: 1 });
  });

  test("an item collection that is full counts as a commit's size", async () => {
    const CancellationReasons = [{ Code: "None" }, { Code: "ItemCollectionSizeLimitExceeded" }];
    const full = new TransactionCanceledException({ message: "cancelled", CancellationReasons, $metadata: {} });

    const error = await answered(full, [put({ id: text })]);

    expect(error).toBeInstanceOf(OutputLimitError);
    expect(blameOf(error)).toBe("size");
  });

  test("tables are described only where something was refused", async () => {
    let described = 0;
    const calls = answerWith(openSignedLedger(inject(endpointKey)), "describeTable", () => {
      described += 1;
      return undefined;
    });
    const ledger = createRangeLedger(calls, { tableName: subject.tableName, newId: randomUUID });
    const running = await aClaimedRange(subject);

    changed(await ledger.changeRange(running, commitOf(running, 8n), [put({ id: { S: "fine" } })]));
    expect(described).toBe(0);
  });
});
