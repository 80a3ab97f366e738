// Outputs
//
// What a pipeline's code may write in the ledger's transaction, and what DynamoDB
// says of it. The record's own part of the transaction is known to be good, so that what
// DynamoDB finds wrong with the request is wrong with the outputs.
//
//   OU1  What is wrong with an output is of the records that it was made of: it is refused
//        as one that no retry helps, and never takes the pipeline's other records with it.
//   OU2  A table that is missing, or may not be written, is nobody's record.
//   OU3  Nothing is read from the text of a refusal: it only goes on to whoever reads it.

import type { CancellationReason, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { quote } from "../../core/bounded-text.ts";
import { ConfigurationError, InvalidOutputError, OutputLimitError, OutputRefusedError } from "../../core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../core/limits.ts";
import { itemBytes } from "../items/attributes/item-size.ts";
import { DYNAMODB_LIMITS, MAX_COMMIT_BYTES } from "../items/limits.ts";
import { actionOf, requireOutput } from "./output-shape.ts";
import { type FindKeys, findRepeatedItem, repeatedItemError } from "./repeated-item.ts";

/** Why a transaction was cancelled, where one of its outputs was at fault. */
export interface RefusedOutput {
  readonly index: number;
  readonly reason: CancellationReason;
  readonly cause: Error;
}

/**
 * Throws OutputLimitError for more outputs than one transaction takes, RepeatedItemError for two of one item as far as
 * the tables' keys are known, InvalidOutputError for one that is none.
 */
export function checkOutputs(outputs: readonly TransactWriteItem[], keysOf: FindKeys = () => undefined): void {
  if (outputs.length > MAX_OUTPUTS_PER_COMMIT) {
    throw new OutputLimitError(
      `${outputs.length} outputs exceed ${MAX_OUTPUTS_PER_COMMIT} per commit; commit more often, or less per record`,
    );
  }
  outputs.forEach(requireOutput);
  const repeated = findRepeatedItem(outputs, keysOf);
  if (repeated !== undefined) {
    throw repeatedItemError(repeated);
  }
  const sizes = outputs.map(outputBytes);
  const whole = sizes.findIndex((bytes) => bytes > MAX_COMMIT_BYTES);
  if (whole >= 0) {
    const what = `${describeOutput(outputs, whole)}, cannot be written, and nothing was`;
    throw new InvalidOutputError(`${what}: it has ${sizes[whole]} bytes, more than ${DYNAMODB_LIMITS.itemBytes}`, {
      outputIndex: whole,
    });
  }
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes > MAX_COMMIT_BYTES) {
    throw new OutputLimitError(
      `the outputs of one commit have ${bytes} bytes, more than the ${MAX_COMMIT_BYTES} of a transaction; commit more often`,
    );
  }
}

/** `outputs[3] of 12, Put to table words, item {"id":{"S":"a"}}`: an index as the code counts, and what it wrote there. */
export function describeOutput(outputs: readonly TransactWriteItem[], index: number): string {
  const output = outputs[index];
  if (output === undefined) {
    return `outputs[${index}] of ${outputs.length}`;
  }
  const { verb, tableName, item } = actionOf(output);
  return `outputs[${index}] of ${outputs.length}, ${verb} to table ${tableName}, ${verb === "Put" ? "item" : "key"} ${quote(item)}`;
}

export function refusedOutputError(
  outputs: readonly TransactWriteItem[],
  { index, reason: { Code, Message = "" }, cause }: RefusedOutput,
): Error {
  const what = `${describeOutput(outputs, index)}, was refused and nothing was written: ${Code}: ${Message}`;
  switch (Code) {
    case "ConditionalCheckFailed":
      return new OutputRefusedError(what, { outputIndex: index, cause });
    case "ValidationError":
      return new InvalidOutputError(what, { outputIndex: index, cause });
    case "ItemCollectionSizeLimitExceeded":
      return new OutputLimitError(what, { cause });
    default:
      return new ConfigurationError(what, { cause });
  }
}

/** What the request says of the item; an update's item may be larger than that. */
function outputBytes({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): number {
  const maps = [
    Put?.Item,
    Put?.ExpressionAttributeValues,
    Update?.Key,
    Update?.ExpressionAttributeValues,
    Delete?.Key,
    Delete?.ExpressionAttributeValues,
    ConditionCheck?.Key,
    ConditionCheck?.ExpressionAttributeValues,
  ];
  return maps.reduce((sum, map) => sum + (map === undefined ? 0 : itemBytes(map)), 0);
}
