// ranges retry, ranges skip: an operator's word on one range, refused where it would
// touch what is settled or what a processor holds.

import { ConfigurationError, LedgerIntegrityError } from "../../shared/core/errors.ts";
import { formatOffsetRange, recordCount } from "../../shared/core/offset-range.ts";
import { describePause } from "../../shared/core/pauses.ts";
import type { OperatorNote, RangeEvent, Refusal } from "../../shared/core/range-event.ts";
import type { ChangeOutcome, Pause, RangeLedger } from "../../shared/core/range-ledger.ts";
import { isClosed, type RangeRecord } from "../../shared/core/range-record.ts";
import { applyEvent } from "../../shared/core/range-status.ts";
import { type RangeSplit, splitRange } from "../../shared/core/split-range.ts";
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
  const event: RangeEvent = { kind: "retry", operator: act.operator, now: deps.now() };
  const code = await report(deps, act, { verb: "retry", seen: record, ...(await change(deps, act, record, event)) });
  if (code === EXIT.done && pause !== undefined) {
    deps.terminal.note(`nothing is dispatched yet: ${describePause(pause)}; ${resumeLine(deps.place, act, pause)}`);
  }
  return code;
}

export interface SkipAct extends RangeAct {
  /** How long the ledger keeps the skipped range. */
  readonly retentionMs: number;
  /** Skips only what lies below; absent: all that is left of the range. */
  readonly untilOffset?: bigint | undefined;
}

/** Throws ConfigurationError unless the range is named by its first offset: nobody skips another one by accident. */
export async function skipRange(deps: OperatorDeps, act: SkipAct): Promise<ExitCode> {
  const { topic, partition, fromOffset, requestId } = act.target;
  if (fromOffset === undefined) {
    throw new ConfigurationError(
      `skip needs the first offset of the range as the ledger has it: --range ${topic}:${partition}:FROM; \`ranges status\` shows it`,
    );
  }
  if (act.untilOffset !== undefined && requestId !== undefined) {
    throw new ConfigurationError("--until is for live ranges: the ranges of a request stay as they were asked for");
  }
  const { record } = await findRange(deps.ledger, act.target);
  const { operator, retentionMs, untilOffset: at = record.untilOffset } = act;
  const now = deps.now();
  if (!isClosed(record) && (at <= record.committedOffset || at > record.untilOffset)) {
    const { committedOffset, untilOffset } = record;
    throw new ConfigurationError(
      `--until ${at} is not above ${committedOffset}, to where ${formatOffsetRange(record)} is committed, and up to ${untilOffset}`,
    );
  }
  const done =
    at === record.untilOffset
      ? await change(deps, act, record, { kind: "skip", operator, now, retentionMs })
      : await split(deps, act, record, { at, first: "SKIPPED", operator, now, retentionMs });
  return report(deps, act, { verb: "skip", seen: record, ...done });
}

interface Done {
  readonly outcome: ChangeOutcome;
  /** What a part of the range leaves to process. */
  readonly rest?: RangeRecord;
}

async function change(
  { ledger }: OperatorDeps,
  { isDryRun }: RangeAct,
  record: RangeRecord,
  event: RangeEvent,
): Promise<Done> {
  if (!isDryRun) {
    return { outcome: await ledger.changeRange(record, event) };
  }
  const transition = applyEvent(record, event, record.writeId);
  return { outcome: transition.kind === "changed" ? transition : { ...transition, record } };
}

async function split(
  { ledger }: OperatorDeps,
  { isDryRun }: RangeAct,
  record: RangeRecord,
  how: RangeSplit,
): Promise<Done> {
  const outcome = isDryRun
    ? { record, ...splitRange(record, how, record.writeId) }
    : await ledger.splitRange(record, how);
  switch (outcome.kind) {
    case "split": {
      const { first, rest } = outcome;
      return { outcome: { kind: "changed", record: first }, ...(rest === undefined ? {} : { rest }) };
    }
    case "refused":
    case "missing":
      return { outcome };
    case "collided":
      throw new LedgerIntegrityError(
        `nothing was skipped: ${formatOffsetRange(outcome.record)} stands already where the rest of ${formatOffsetRange(record)} would begin; run \`ranges verify\``,
      );
  }
}

interface Report extends Done {
  readonly verb: "retry" | "skip";
  readonly seen: RangeRecord;
}

async function report(
  { terminal }: OperatorDeps,
  { json, isDryRun }: RangeAct,
  { verb, seen, outcome, rest }: Report,
): Promise<ExitCode> {
  const refusal = outcome.kind === "changed" ? undefined : explainRefusal(outcome, seen, verb);
  const present = outcome.kind === "missing" ? seen : outcome.record;
  if (json) {
    const applied = outcome.kind === "changed" && !isDryRun;
    const left = rest === undefined ? undefined : rangeToJson(rest);
    await terminal.print(stringify({ verb, applied, isDryRun, refusal, ...rangeToJson(present), rest: left }));
  } else if (refusal === undefined) {
    const left = rest === undefined ? "" : `; ${formatOffsetRange(rest)} goes on`;
    await terminal.print(`${isDryRun ? "would have " : ""}${describeAct(verb, present)}${left}`);
  }
  if (refusal !== undefined) {
    terminal.note(`ranges: ${refusal}`);
  }
  return refusal === undefined ? EXIT.done : EXIT.failed;
}

function describeAct(verb: Report["verb"], record: RangeRecord): string {
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
  verb: Report["verb"],
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
