// ranges cancel: nothing more of a reprocess request is planned. The scheduler's next
// run skips the ranges that no processor holds; the others are finished.

import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { findOpenReprocess } from "../../../shared/core/ledger/find-open-reprocess.ts";
import type { ReprocessKey } from "../../../shared/core/ledger/range-ledger.ts";
import type { ReprocessProgress } from "../../../shared/core/ledger/reprocess-request.ts";
import { operatorAct } from "../../../shared/core/range/operator-act.ts";
import type { OperatorNote } from "../../../shared/core/range/range-event.ts";
import type { OperatorAct } from "../../../shared/core/range/range-record.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { OperatorDeps } from "./act-on-range.ts";

export interface Cancellation extends ReprocessKey {
  readonly operator: OperatorNote;
  readonly json: boolean;
  readonly isDryRun: boolean;
}

/** Throws ConfigurationError for a request that the ledger does not know; cancelling twice changes nothing. */
export async function cancelReprocess(deps: OperatorDeps, cancellation: Cancellation): Promise<ExitCode> {
  const { requestId } = cancellation;
  const before = await findOpenReprocess(deps.ledger, cancellation);
  if (before === undefined) {
    return reportClosed(deps, cancellation);
  }
  const act = operatorAct(cancellation.operator, deps.now());
  const after = cancellation.isDryRun
    ? { ...before, cancelled: before.cancelled ?? act }
    : await cancel(deps, cancellation, act);
  if (after === undefined) {
    return reportClosed(deps, cancellation);
  }
  const applied = before.cancelled === undefined && !cancellation.isDryRun;
  const { cancelled = act } = after;
  const verb = before.cancelled === undefined ? "cancelled" : "was cancelled before";
  await report(deps, cancellation, {
    applied,
    cancelled,
    says: `${cancellation.isDryRun ? "would be: " : ""}${requestId} ${verb} by ${cancelled.by}: ${cancelled.reason}; ${after.settled.length} ranges are closed, ${after.open.length} were open and are skipped unless they run`,
  });
  return EXIT.done;
}

/** Who cancelled first stays. */
function cancel(
  { ledger }: OperatorDeps,
  { pipeline, requestId }: ReprocessKey,
  cancelled: OperatorAct,
): Promise<ReprocessProgress | undefined> {
  return ledger.changeReprocess(pipeline, requestId, (present) =>
    present.cancelled === undefined ? { ...present, cancelled } : undefined,
  );
}

async function reportClosed(deps: OperatorDeps, cancellation: Cancellation): Promise<ExitCode> {
  const { pipeline, requestId } = cancellation;
  const request = await deps.ledger.readReprocess(pipeline, requestId);
  if (request === undefined) {
    throw new ConfigurationError(
      `reprocess request ${quote(requestId)} of ${pipeline} is not in this ledger; \`ranges status\` shows its requests`,
    );
  }
  const { completion } = request;
  const when = completion === undefined ? "" : ` since ${new Date(completion.completedAt).toISOString()}`;
  const cancelled = completion?.cancelled;
  await report(deps, cancellation, {
    applied: false,
    cancelled,
    says:
      cancelled === undefined
        ? `${requestId} is closed${when}: there is nothing to cancel`
        : `${requestId} was cancelled before by ${cancelled.by}: ${cancelled.reason}`,
  });
  return cancelled === undefined ? EXIT.failed : EXIT.done;
}

interface Report {
  readonly applied: boolean;
  readonly cancelled: OperatorAct | undefined;
  readonly says: string;
}

async function report(
  { terminal }: OperatorDeps,
  { pipeline, requestId, json, isDryRun }: Cancellation,
  { applied, cancelled, says }: Report,
): Promise<void> {
  await terminal.print(json ? stringify({ verb: "cancel", applied, isDryRun, pipeline, requestId, cancelled }) : says);
}
