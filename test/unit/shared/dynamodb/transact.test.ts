import {
  type CancellationReason,
  DynamoDBClient,
  DynamoDBServiceException,
  TransactionCanceledException,
  TransactionInProgressException,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { ConfigurationError, LedgerUnavailableError } from "../../../../shared/core/errors.ts";
import { sdkCalls } from "../../../../shared/dynamodb/calls/sdk-calls.ts";
import { type Transaction, transact } from "../../../../shared/dynamodb/transact.ts";

const $metadata = {};
const Item = { pk: { S: "present" } };
const refused: CancellationReason = { Code: "ConditionalCheckFailed", Item };
const invalid: CancellationReason = { Code: "ValidationError", Message: "key" };
const conflict: CancellationReason = { Code: "TransactionConflict" };
const none: CancellationReason = { Code: "None" };

describe("transact", () => {
  test.each<[string, CancellationReason[], object]>([
    ["its own condition's refusal first", [refused, refused, none], { kind: "refused", present: Item }],
    ["the first other action that is at fault", [none, conflict, refused], { kind: "otherRefused", index: 1 }],
    ["a fault before what may be gone next time", [conflict, invalid, none], { kind: "otherRefused", index: 0 }],
    ["other writes in the way of its own", [conflict, none, none], { kind: "contended" }],
    ["other writes in the way of another", [none, none, conflict], { kind: "contended" }],
  ])("tells %s", async (_, CancellationReasons, expected) => {
    const cancelled = new TransactionCanceledException({ message: "cancelled", CancellationReasons, $metadata });

    await expect(transact(throwing(cancelled), aTransaction())).resolves.toMatchObject(expected);
  });

  test("takes the same transaction under way for other writes in the way", async () => {
    const underWay = new TransactionInProgressException({ message: "in progress", $metadata });

    await expect(transact(throwing(underWay), aTransaction())).resolves.toEqual({ kind: "contended" });
  });

  test.each<[string, CancellationReason[] | undefined]>([
    ["without reasons", undefined],
    ["for what its own action holds", [invalid, none, none]],
  ])("throws a cancellation %s, with what was done", async (_, CancellationReasons) => {
    const cancelled = new TransactionCanceledException({
      message: "cancelled",
      $metadata,
      ...(CancellationReasons === undefined ? {} : { CancellationReasons }),
    });

    const writing = transact(throwing(cancelled), aTransaction());

    await expect(writing).rejects.toThrow(LedgerUnavailableError);
    await expect(writing).rejects.toThrow("cannot write to table ranges");
  });

  test("asks first what an answer to the whole request means, but not of a bug", async () => {
    const answer = new DynamoDBServiceException({ name: "ValidationException", $fault: "client", $metadata });
    const explained = new Error("outputs[0]");
    const explain = async () => explained;
    const bug = new TypeError("a bug");

    await expect(transact(throwing(answer), aTransaction({ explain }))).rejects.toBe(explained);
    await expect(transact(throwing(answer), aTransaction())).rejects.toThrow(ConfigurationError);
    await expect(transact(throwing(bug), aTransaction({ explain }))).rejects.toBe(bug);
  });
});

function aTransaction(some: Partial<Transaction> = {}): Transaction {
  const action: TransactWriteItem = { Put: { TableName: "ranges", Item: {} } };
  return { own: action, others: [action, action], action: "write to table ranges", ...some };
}

/** A store whose every call ends so. */
function throwing(error: Error) {
  const client = new DynamoDBClient({ region: "local" });
  client.middlewareStack.add(
    () => async () => {
      throw error;
    },
    { step: "initialize", name: "throwing", priority: "high" },
  );
  return { calls: sdkCalls(client), tableName: "ranges", newId: () => "id", random: () => 0, knownTables: new Map() };
}
