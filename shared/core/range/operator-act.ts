import { MAX_OPERATOR_NAME_LENGTH, MAX_OPERATOR_REASON_LENGTH } from "../limits.ts";
import type { OperatorNote } from "./range-event.ts";
import type { OperatorAct } from "./range-record.ts";

/** The note as the ledger keeps it, cut to its limits. */
export function operatorAct({ by, reason }: OperatorNote, at: number): OperatorAct {
  return { by: cut(by, MAX_OPERATOR_NAME_LENGTH), reason: cut(reason, MAX_OPERATOR_REASON_LENGTH), at };
}

/** Cuts between characters, never inside a surrogate pair. */
function cut(text: string, maxCharacters: number): string {
  return Array.from(text).slice(0, maxCharacters).join("");
}
