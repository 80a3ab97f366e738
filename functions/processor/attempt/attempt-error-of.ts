import type { AttemptError, OffsetsInHand } from "../../../shared/core/attempt-error.ts";
import {
  DataLossError,
  InvalidOutputError,
  OutputLimitError,
  OutputRefusedError,
  RepeatedItemError,
} from "../../../shared/core/errors.ts";
import { blameOf } from "../../../shared/core/failure/blame-error.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { largerOf } from "../../../shared/core/range/offset-range.ts";
import { describeError } from "../errors/describe-error.ts";
import { heldOffsets } from "../session/hold-offsets.ts";
import type { RangeSession } from "../session/range-session.ts";
import type { Attempt } from "./attempt.ts";

/** What the ledger keeps of the error that ended the attempt: its texts, and the facts that an operator acts on. */
export function attemptErrorOf<Output>({ session }: Attempt<Output>, error: unknown, why?: string): AttemptError {
  return { ...describeError(error, why), ...factsOf(session, error) };
}

function factsOf<Output>(
  session: RangeSession<Output> | undefined,
  error: unknown,
): Pick<AttemptError, "loss" | "inHand"> {
  if (error instanceof DataLossError) {
    return { loss: error.loss };
  }
  const blame = blameOf(error);
  // What the world or the time is to blame for is in no record.
  const inHand =
    session !== undefined && (blame === "records" || blame === "size") ? inHandOf(session, error) : undefined;
  return omitUndefined({ inHand });
}

const outputErrors = [InvalidOutputError, OutputLimitError, OutputRefusedError, RepeatedItemError];

/** What is committed is in nobody's hands any more, whatever the code threw behind it. */
function inHandOf<Output>(
  { delivery, refused, range, record: { committedOffset } }: RangeSession<Output>,
  error: unknown,
): OffsetsInHand | undefined {
  if (refused !== undefined) {
    // It ended the attempt, whatever the code made of it.
    return { fromOffset: refused.offset, untilOffset: refused.offset + 1n };
  }
  // Outputs are of everything since the last commit, not only of what came last.
  const isOfOutputs = outputErrors.some((kind) => error instanceof kind);
  const { fromOffset, untilOffset } = isOfOutputs
    ? { fromOffset: committedOffset, untilOffset: delivery.position }
    : (heldOffsets(range) ?? delivery.inHand ?? { fromOffset: committedOffset, untilOffset: committedOffset });
  const uncommitted = largerOf(fromOffset, committedOffset);
  return uncommitted < untilOffset ? { fromOffset: uncommitted, untilOffset } : undefined;
}
