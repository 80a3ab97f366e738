import { randomUUID } from "node:crypto";
import {
  type CancellationReason,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  ConfigurationError,
  InvalidOutputError,
  LedgerIntegrityError,
  LedgerUnavailableError,
  OutputLimitError,
  OutputRefusedError,
  RepeatedItemError,
} from "../../../shared/core/errors.ts";
import { MAX_CHANGE_TRIES } from "../../../shared/core/limits.ts";
import type { DynamoDBCalls } from "../../../shared/dynamodb/calls/dynamodb-calls.ts";
import { encodeRange } from "../../../shared/dynamodb/items/item-codec.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { answerWith } from "../../support/ledger/ledger-faults.ts";
import { openSignedLedger } from "../../support/ledger/ledger-table.ts";
import {
  aChain,
  aClaimedRange,
  aRange,
  changed,
  claimBy,
  commitOf,
} from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";

const $metadata = {};

describe.each(DYNAMODB_ENGINES)("what $name refuses", ({ endpointKey }) => {
  let subject: DynamoDBLedgerUnderTest;
  beforeAll(async () => {
    subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
  });
  afterAll(async () => {
    await subject[Symbol.asyncDispose]();
  });

  const put = (id: string, more: Partial<TransactWriteItem["Put"]> = {}): TransactWriteItem => ({
    Put: { TableName: subject.tableName, Item: { pk: { S: `output#${id}` }, sk: { S: "count" } }, ...more },
  });

  /** A ledger whose writes are answered with errors as long as `error` returns one. */
  const failing = (call: keyof DynamoDBCalls, error: (sent: number) => Error | undefined) => {
    let sent = 0;
    const calls = answerWith(openSignedLedger(inject(endpointKey)), call, (index) => {
      sent += 1;
      return error(index);
    });
    const options = { tableName: subject.tableName, newId: randomUUID, random: () => 0 };
    return { ledger: createRangeLedger(calls, options), sent: () => sent };
  };

  test("L3: an output whose own condition fails is named, and nothing is written", async () => {
    const running = await aClaimedRange(subject);
    const [first, taken] = [randomUUID(), randomUUID()];
    await subject.ledger.changeRange(running, commitOf(running, 6n), [subject.output(taken)]);
    const current = await subject.ledger.newestRange(running.chain);
    const outputs = [subject.output(first), put(taken, { ConditionExpression: "attribute_not_exists(pk)" })];

    const commit = subject.ledger.changeRange(current ?? running, commitOf(current ?? running, 8n), outputs);

    await expect(commit).rejects.toThrow(OutputRefusedError);
    await expect(commit).rejects.toMatchObject({ outputIndex: 1, retryable: true });
    await expect(subject.timesApplied(first)).resolves.toBe(0);
    await expect(subject.ledger.newestRange(running.chain)).resolves.toEqual(current);
  });

  test("OU1: an output that DynamoDB cannot carry out is an invalid one, and nothing is written", async () => {
    const running = await aClaimedRange(subject);
    const [fine, wrong] = [randomUUID(), randomUUID()];
    const key = { pk: { S: `output#${wrong}` }, sk: { S: "count" } };
    await subject.client.send(
      new PutItemCommand({ TableName: subject.tableName, Item: { ...key, applied: { S: "a word" } } }),
    );

    const commit = subject.ledger.changeRange(running, commitOf(running, 8n), [
      subject.output(fine),
      subject.output(wrong),
    ]);

    await expect(commit).rejects.toThrow(InvalidOutputError);
    await expect(subject.timesApplied(fine)).resolves.toBe(0);
    await expect(subject.ledger.newestRange(running.chain)).resolves.toEqual(running);
  });

  test("two outputs for one item are too much for one transaction", async () => {
    const running = await aClaimedRange(subject);
    const id = randomUUID();

    const commit = subject.ledger.changeRange(running, commitOf(running, 8n), [put(id), put(id)]);

    await expect(commit).rejects.toThrow(RepeatedItemError);
    await expect(subject.ledger.newestRange(running.chain)).resolves.toEqual(running);
  });

  test("outputs beyond a transaction's bytes are refused before they are sent", async () => {
    const running = await aClaimedRange(subject);
    const { ledger, sent } = failing("transactWriteItems", () => undefined);
    const outputs = Array.from({ length: 11 }, () => {
      const id = randomUUID();
      return put(id, { Item: { pk: { S: id }, sk: { S: "x" }, body: { S: "x".repeat(380_000) } } });
    });

    await expect(ledger.changeRange(running, commitOf(running, 8n), outputs)).rejects.toThrow(OutputLimitError);

    expect(sent()).toBe(0);
  });

  test("a table that does not exist is a configuration error", async () => {
    const ledger = createRangeLedger(openSignedLedger(inject(endpointKey)), {
      tableName: "no-such-table",
      newId: randomUUID,
    });
    const range = aRange(aChain());

    await expect(ledger.newestRange(range.chain)).rejects.toThrow(ConfigurationError);
    await expect(ledger.planRange(range)).rejects.toThrow(ConfigurationError);
    await expect(ledger.changeRange(range, claimBy("owner-1"))).rejects.toThrow(ConfigurationError);
  });

  test("an item of another schema version is refused by every reader, never overwritten", async () => {
    const range = aRange(aChain());
    const later = { ...encodeRange(range), schema: { N: "2" } };
    await subject.client.send(new PutItemCommand({ TableName: subject.tableName, Item: later }));

    await expect(subject.ledger.newestRange(range.chain)).rejects.toThrow("schema version 2");
    await expect(subject.ledger.planRange(aRange(range.chain))).rejects.toThrow(LedgerIntegrityError);
    await expect(subject.ledger.changeRange(aRange(range.chain), claimBy("owner-1"))).rejects.toThrow(
      LedgerIntegrityError,
    );
  });

  describe.each(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])("%s", (code) => {
    // In the way of the record itself, or of an output.
    const reasons: readonly CancellationReason[][] = [
      [{ Code: code }, { Code: "None" }],
      [{ Code: "None" }, { Code: code }],
    ];
    test.each(reasons)("a transaction that is cancelled for now is tried again", async (...CancellationReasons) => {
      const { ledger, sent } = failing("transactWriteItems", (index) =>
        index < 3 ? new TransactionCanceledException({ message: code, CancellationReasons, $metadata }) : undefined,
      );
      const id = randomUUID();
      const running = await aClaimedRange(subject);

      changed(await ledger.changeRange(running, commitOf(running, 8n), [subject.output(id)]));

      expect(sent()).toBe(4);
      await expect(subject.timesApplied(id)).resolves.toBe(1);
    });
  });

  test("gives up on contention after a bounded number of tries", async () => {
    const conflict = () => new TransactionConflictException({ message: "conflict", $metadata });
    const plan = failing("putItem", conflict);
    await expect(plan.ledger.planRange(aRange(aChain()))).rejects.toThrow(LedgerUnavailableError);
    expect(plan.sent()).toBe(MAX_CHANGE_TRIES);

    const running = await aClaimedRange(subject);
    const commit = failing("transactWriteItems", conflict);
    const outputs = [subject.output(randomUUID())];
    await expect(commit.ledger.changeRange(running, commitOf(running, 8n), outputs)).rejects.toThrow(
      LedgerUnavailableError,
    );
    expect(commit.sent()).toBe(MAX_CHANGE_TRIES);
  });
});
