// ranges retry, ranges skip: an operator's word on one range, refused where it would
// touch what is settled or what a processor holds.

import { ConfigurationError } from "../../shared/core/errors.ts";
import { formatOffsetRange, recordCount } from "../../shared/core/offset-range.ts";
import { describePause } from "../../shared/core/pauses.ts";
import type { OperatorNote, RangeEvent, Refusal } from "../../shared/core/range-event.ts";
import type { ChangeOutcome, Pause, RangeLedger } from "../../shared/core/range-ledger.ts";
import type { RangeRecord } from "../../shared/core/range-record.ts";
import { applyEvent } from "../../shared/core/range-status.ts";
import { stringify } from "../../shared/wire/json.ts";
import { commandLine, type LedgerPlace } from "./command-line.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { findRange, type RangeTarget } from "./find-range.ts";
import { shownStatus } from "./read-status.ts";
import type { Terminal } from "./terminal.ts";

export interface OperatorDeps {
  readonly ledger: RangeLedger<never>;
  readonly terminal: Terminal;
  readonly now: () => number;
  /** How the lines that are shown for pasting name the ledger. */
  readonly place: LedgerPlace;
}

export interface RangeAct {
  readonly target: RangeTarget;
  readonly operator: OperatorNote;
  readonly json: boolean;
  readonly isDryRun: boolean;
}

export async function retryRange(deps: OperatorDeps, act: RangeAct): Promise<ExitCode> {
  const { record, pause } = await findRange(deps.ledger, act.target);
  const code = await apply(deps, act, { record, event: { kind: "retry", operator: act.operator, now: deps.now() } });
  if (code === EXIT.done && pause !== undefined) {
    deps.terminal.note(`nothing is dispatched yet: ${describePause(pause)}; ${resumeLine(deps.place, act, pause)}`);
  }
  return code;
}

/** Throws ConfigurationError unless the range is named by its first offset: nobody skips another one by accident. */
export async function skipRange(
  deps: OperatorDeps,
  { retentionMs, ...act }: RangeAct & { readonly retentionMs: number },
): Promise<ExitCode> {
  const { topic, partition, fromOffset } = act.target;
  if (fromOffset === undefined) {
    throw new ConfigurationError(
      `skip needs the first offset of the range as the ledger has it: --range ${topic}:${partition}:FROM; \`ranges status\` shows it`,
    );
  }
  const { record } = await findRange(deps.ledger, act.target);
  const { operator } = act;
  return apply(deps, act, { record, event: { kind: "skip", operator, now: deps.now(), retentionMs } });
}

type OperatorEvent = Extract<RangeEvent, { kind: "retry" | "skip" }>;

async function apply(
  { ledger, terminal }: OperatorDeps,
  { json, isDryRun }: RangeAct,
  { record, event }: { readonly record: RangeRecord; readonly event: OperatorEvent },
): Promise<ExitCode> {
  const outcome = isDryRun ? tryOut(record, event) : await ledger.changeRange(record, event);
  const refusal = outcome.kind === "changed" ? undefined : explainRefusal(outcome, record, event.kind);
  const present = outcome.kind === "missing" ? record : outcome.record;
  if (json) {
    const applied = outcome.kind === "changed" && !isDryRun;
    await terminal.print(stringify({ verb: event.kind, applied, isDryRun, refusal, ...rangeToJson(present) }));
  } else if (refusal === undefined) {
    await terminal.print(`${isDryRun ? "would have " : ""}${describeAct(event.kind, present)}`);
  }
  if (refusal !== undefined) {
    terminal.note(`ranges: ${refusal}`);
  }
  return refusal === undefined ? EXIT.done : EXIT.failed;
}

function tryOut(record: RangeRecord, event: OperatorEvent): ChangeOutcome {
  const transition = applyEvent(record, event, record.writeId);
  return transition.kind === "changed" ? transition : { ...transition, record };
}

function describeAct(verb: OperatorEvent["kind"], record: RangeRecord): string {
  const { fromOffset, committedOffset } = record;
  const from = committedOffset === fromOffset ? "" : ` from ${committedOffset}`;
  const what = `${formatOffsetRange(record)}${from}`;
  return verb === "retry"
    ? `retried ${what}: due at once, with all its attempts`
    : `skipped ${what}: ${unprocessedCount(record)} offsets not processed`;
}

function explainRefusal(
  outcome: Exclude<ChangeOutcome, { kind: "changed" }>,
  seen: RangeRecord,
  verb: OperatorEvent["kind"],
): string {
  if (outcome.kind === "missing") {
    return `${formatOffsetRange(seen)} is no longer in the ledger; see \`ranges status\``;
  }
  const { refusal, record } = outcome;
  return `${formatOffsetRange(record)} was not ${verb === "retry" ? "retried" : "skipped"}: ${whyNot(refusal, record)}`;
}

function whyNot(refusal: Refusal, record: RangeRecord): string {
  if (refusal.kind === "held") {
    return `it is RUNNING under the lease of ${refusal.by} until ${toIso(refusal.until)}; wait for its end, or until then`;
  }
  const { status, completedAt } = record;
  const since = completedAt === undefined ? "" : ` since ${toIso(completedAt)}`;
  return status === "ANCHOR"
    ? "it only marks where the partition begins, there is nothing in it"
    : `it is ${status}${since}, for ever; to process its records again, reprocess them`;
}

function rangeToJson(record: RangeRecord): object {
  const { topic, partition, fromOffset, untilOffset, committedOffset, error, operator, chain } = record;
  const { pipeline, requestId } = chain;
  const range = { topic, partition, fromOffset, untilOffset, committedOffset, status: shownStatus(record) };
  return { pipeline, requestId, ...range, unprocessed: unprocessedCount(record), error, operator };
}

function unprocessedCount({ committedOffset, untilOffset }: RangeRecord): bigint {
  return recordCount({ fromOffset: committedOffset, untilOffset });
}

function resumeLine(place: LedgerPlace, { target: { pipeline } }: RangeAct, { of }: Pause): string {
  const partition = of === undefined ? undefined : `${of.topic}:${of.partition}`;
  return commandLine("resume", place, { pipeline, partition });
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
