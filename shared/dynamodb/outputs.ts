// Outputs
//
// What a pipeline's code may write in the ledger's transaction, and what DynamoDB
// says of it.

import type { CancellationReason, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { ConfigurationError, OutputLimitError, OutputRefusedError } from "../core/errors.ts";
import { MAX_COMMIT_BYTES, MAX_OUTPUTS_PER_COMMIT } from "../core/limits.ts";
import { itemBytes } from "./item-size.ts";

/** Codes of a cancelled transaction that may be gone on the next try. */
export const transientReasons: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
  "TransactionConflict",
]);

export interface RefusedOutput {
  readonly kind: "outputRefused";
  readonly index: number;
  readonly reason: CancellationReason;
  readonly cause: Error;
}

/** Throws OutputLimitError for more outputs than one transaction takes. */
export function checkOutputs(outputs: readonly TransactWriteItem[]): void {
  if (outputs.length > MAX_OUTPUTS_PER_COMMIT) {
    throw new OutputLimitError(
      `${outputs.length} outputs exceed ${MAX_OUTPUTS_PER_COMMIT} per commit; commit more often, or less per record`,
    );
  }
  const bytes = outputs.reduce((sum, output) => sum + outputBytes(output), 0);
  if (bytes > MAX_COMMIT_BYTES) {
    throw new OutputLimitError(
      `the outputs of one commit have ${bytes} bytes, more than the ${MAX_COMMIT_BYTES} of a transaction; commit more often`,
    );
  }
}

export function findRefusedOutput(cause: Error, reasons: readonly CancellationReason[]): RefusedOutput | undefined {
  const index = reasons.findIndex(({ Code = "None" }) => Code !== "None" && !transientReasons.has(Code));
  const reason = reasons[index];
  return reason === undefined ? undefined : { kind: "outputRefused", index, reason, cause };
}

export function refusedOutputError({ index, reason, cause }: RefusedOutput): Error {
  const what = `output ${index} was refused and nothing was written: ${reason.Code}: ${reason.Message ?? ""}`;
  return reason.Code === "ConditionalCheckFailed"
    ? new OutputRefusedError(what, { outputIndex: index, cause })
    : new ConfigurationError(what, { cause });
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
