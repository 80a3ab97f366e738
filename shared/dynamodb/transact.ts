// Transact
//
// Several actions in one transaction, all or none: the ledger's own, whose condition
// decides, and what is to take effect with it.
//
//   stored        all of them took effect
//   refused       the own action's condition did not hold
//   otherRefused  another action was at fault: the first such one, and why
//   contended     other writes, or a throttle, were in the way
//
// Nothing took effect but in the first case. A lost answer leaves it open: the error
// is thrown, and the next try's condition finds out.

import type { CancellationReason, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { isAnswer, isCancelledTransaction, isConflict } from "./calls/dynamodb-calls.ts";
import { translateLedgerError } from "./ledger-errors.ts";
import type { LedgerStore, PutOutcome } from "./ledger-store.ts";

export interface Transaction {
  readonly own: TransactWriteItem;
  readonly others: readonly TransactWriteItem[];
  /** For messages. */
  readonly action: string;
  /**
   * What an answer to the whole request means, where it is about the other actions.
   * @default - always undefined: it is about the ledger
   */
  readonly explain?: (answer: Error) => Promise<Error | undefined>;
}

export type TransactOutcome = PutOutcome | OtherRefused;

export interface OtherRefused {
  readonly kind: "otherRefused";
  /** Of the action in `others`. */
  readonly index: number;
  readonly reason: CancellationReason;
  readonly cause: Error;
}

export async function transact(store: LedgerStore, transaction: Transaction): Promise<TransactOutcome> {
  const { own, others, action, explain } = transaction;
  try {
    // Its token is good for ten minutes; only the condition holds for ever.
    await store.calls.transactWriteItems({ TransactItems: [own, ...others] });
    return { kind: "stored" };
  } catch (error) {
    const outcome = readRefusal(error);
    if (outcome !== undefined) {
      return outcome;
    }
    const explained = isAnswer(error) ? await explain?.(error) : undefined;
    throw explained ?? translateLedgerError(error, action);
  }
}

/** Codes of a cancelled transaction that may be gone on the next try. */
const transientCodes: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
  "TransactionConflict",
]);

/** Undefined for what is not about the actions or about other writes. */
function readRefusal(error: unknown): TransactOutcome | undefined {
  if (isCancelledTransaction(error)) {
    return readReasons(error, error.CancellationReasons ?? []);
  }
  return isConflict(error) ? { kind: "contended" } : undefined;
}

/** One reason per action, in the order of the request; the own action's comes first. */
function readReasons(cause: Error, [ofOwn, ...ofOthers]: readonly CancellationReason[]): TransactOutcome | undefined {
  if (ofOwn?.Code === "ConditionalCheckFailed") {
    return { kind: "refused", present: ofOwn.Item };
  }
  const index = ofOthers.findIndex(({ Code = "None" }) => Code !== "None" && !transientCodes.has(Code));
  const reason = ofOthers[index];
  if (reason !== undefined) {
    return { kind: "otherRefused", index, reason, cause };
  }
  return [ofOwn, ...ofOthers].some((one) => transientCodes.has(one?.Code ?? "None"))
    ? { kind: "contended" }
    : undefined;
}
