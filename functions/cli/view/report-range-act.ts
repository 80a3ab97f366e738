// What an operator's act on a range came to, in words or as JSON.

import { quote, showName } from "../../../shared/core/bounded-text.ts";
import type { ChangeOutcome } from "../../../shared/core/ledger/range-ledger.ts";
import { formatOffsetRange, recordCount } from "../../../shared/core/range/offset-range.ts";
import type { Refusal } from "../../../shared/core/range/range-event.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { shownStatus } from "./read-status.ts";

export interface RangeReport {
  readonly verb: "retry" | "skip";
  readonly seen: RangeRecord;
  readonly outcome: ChangeOutcome;
  /** What a part of the range leaves to process. */
  readonly rest?: RangeRecord;
  /** Its line then says of which request it is, and by what it had halted. */
  readonly isOneOfMany?: true;
}

/** Prints what was done, or notes why it was not; the exit code says which. */
export async function reportRangeAct(
  terminal: Terminal,
  { json, isDryRun }: { readonly json: boolean; readonly isDryRun: boolean },
  { verb, seen, outcome, rest, isOneOfMany }: RangeReport,
): Promise<ExitCode> {
  const refusal = outcome.kind === "changed" ? undefined : explainRefusal(outcome, seen, verb);
  const present = outcome.kind === "missing" ? seen : outcome.record;
  if (json) {
    const applied = outcome.kind === "changed" && !isDryRun;
    const left = rest === undefined ? undefined : rangeToJson(rest);
    await terminal.print(stringify({ verb, applied, isDryRun, refusal, ...rangeToJson(present), rest: left }));
  } else if (refusal === undefined) {
    const left = rest === undefined ? "" : `; ${formatOffsetRange(rest)} goes on`;
    await terminal.print(`${isDryRun ? "would have " : ""}${describeAct(verb, present, isOneOfMany)}${left}`);
  }
  if (refusal !== undefined) {
    terminal.note(`ranges: ${refusal}`);
  }
  return refusal === undefined ? EXIT.done : EXIT.failed;
}

function describeAct(verb: RangeReport["verb"], record: RangeRecord, isOneOfMany = false): string {
  const { fromOffset, committedOffset, skipOffset } = record;
  const from = committedOffset === fromOffset ? "" : ` from ${committedOffset}`;
  const what = `${formatOffsetRange(record)}${from}`;
  if (isOneOfMany) {
    const kept = skipOffset === undefined ? "" : `, but for offset ${skipOffset}, which is to be skipped`;
    return `retried ${what}${describeRequest(record)}: due at once, with all its attempts${kept}; ${describeHalt(record)}`;
  }
  if (skipOffset !== undefined) {
    return `marked offset ${skipOffset} of ${what} to be skipped: due at once, before it and behind it as well`;
  }
  return verb === "retry"
    ? `retried ${what}: due at once, with all its attempts`
    : `skipped ${what}: ${unprocessedCount(record)} offsets not processed`;
}

function describeRequest({ chain: { requestId } }: RangeRecord): string {
  return requestId === undefined ? "" : ` of request ${quote(requestId)}`;
}

function describeHalt({ error }: RangeRecord): string {
  return error === undefined ? "why it had halted is not kept" : `it had halted by ${showName(error.name)}`;
}

function explainRefusal(
  outcome: Exclude<ChangeOutcome, { kind: "changed" }>,
  seen: RangeRecord,
  verb: RangeReport["verb"],
): string {
  if (outcome.kind === "missing") {
    return `${formatOffsetRange(seen)} is no longer in the ledger; see \`ranges status\``;
  }
  const { refusal, record } = outcome;
  return `${formatOffsetRange(record)} was not ${verb === "retry" ? "retried" : "skipped"}: ${whyNot(verb, refusal, record)}`;
}

function whyNot(verb: RangeReport["verb"], refusal: Refusal, record: RangeRecord): string {
  if (refusal.kind === "held") {
    return `it is RUNNING under the lease of ${refusal.by} until ${toIso(refusal.until)}; wait for its end, or until then`;
  }
  if (refusal.kind === "superseded") {
    return verb === "retry"
      ? `it is ${shownStatus(record)} by now, by somebody else's word; see \`ranges status\``
      : `it is committed to ${record.committedOffset} by now`;
  }
  if (refusal.kind === "prepared") {
    return `its output has prepared everything up to ${refusal.untilOffset}, which takes effect as a whole; retry it, and skip what is left then, or skip to ${refusal.untilOffset}`;
  }
  const { status, completedAt } = record;
  const since = completedAt === undefined ? "" : ` since ${toIso(completedAt)}`;
  return status === "ANCHOR"
    ? "it only marks where the partition begins, there is nothing in it"
    : `it is ${status}${since}, for ever; to process its records again, reprocess them`;
}

function rangeToJson(record: RangeRecord): object {
  const { topic, partition, fromOffset, untilOffset, committedOffset, skipOffset, error, operator, chain } = record;
  const { pipeline, requestId } = chain;
  const range = { topic, partition, fromOffset, untilOffset, committedOffset, skipOffset, status: shownStatus(record) };
  return { pipeline, requestId, ...range, unprocessed: unprocessedCount(record), error, operator };
}

function unprocessedCount({ committedOffset, untilOffset }: RangeRecord): bigint {
  return recordCount({ fromOffset: committedOffset, untilOffset });
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
