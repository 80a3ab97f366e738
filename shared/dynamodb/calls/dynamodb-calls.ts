// DynamoDB calls
//
// What the ledger asks of DynamoDB, as the service spells it. Two clients answer it: the AWS
// SDK's (sdk-calls.ts), where a person's profile and proxy count, and a small signed one
// (signed-calls.ts), where every millisecond of a function does.

import type {
  AttributeValue,
  CancellationReason,
  DescribeTableCommandInput,
  DescribeTableCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { AwsCallError } from "../../aws/aws-call-error.ts";

/** Each rejects with an error that `isAnswer` tells from a bug. */
export interface DynamoDBCalls {
  getItem(input: GetItemCommandInput): Promise<Pick<GetItemCommandOutput, "Item">>;
  putItem(input: PutItemCommandInput): Promise<void>;
  updateItem(input: UpdateItemCommandInput): Promise<void>;
  query(input: QueryCommandInput): Promise<Pick<QueryCommandOutput, "Items" | "LastEvaluatedKey">>;
  /** With a token of its own, so that a repetition of the request is not a second transaction. */
  transactWriteItems(input: TransactWriteItemsCommandInput): Promise<void>;
  describeTable(input: DescribeTableCommandInput): Promise<Pick<DescribeTableCommandOutput, "Table">>;
}

/** What came out of a request, an answer or none; anything else is a bug. The SDK marks it by a member. */
export function isAnswer(error: unknown): error is Error {
  return error instanceof AwsCallError || (error instanceof Error && "$metadata" in error);
}

/** Of a refused condition: what it was held against, if that was asked for and is there. */
export interface ConditionRefusal extends Error {
  readonly Item?: Record<string, AttributeValue>;
}

export function isConditionRefusal(error: unknown): error is ConditionRefusal {
  return isAnswer(error) && error.name === "ConditionalCheckFailedException";
}

/** A reason per action, in the order of the request. */
export interface CancelledTransaction extends Error {
  readonly CancellationReasons?: readonly CancellationReason[];
}

export function isCancelledTransaction(error: unknown): error is CancelledTransaction {
  return isAnswer(error) && error.name === "TransactionCanceledException";
}

/** Another transaction was under way. */
export function isConflict(error: unknown): boolean {
  return (
    isAnswer(error) &&
    (error.name === "TransactionConflictException" || error.name === "TransactionInProgressException")
  );
}
