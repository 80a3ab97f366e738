// ranges retry, ranges skip: an operator's word on one range, refused where it would
// touch what is settled or what a processor holds.

import { ConfigurationError, LedgerIntegrityError } from "../../../shared/core/errors.ts";
import { describePause } from "../../../shared/core/ledger/pauses.ts";
import type { Pause } from "../../../shared/core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { OperatorNote, RangeEvent, RetryEvent, SkipRecordEvent } from "../../../shared/core/range/range-event.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../shared/core/range/range-status.ts";
import { type RangeSplit, splitRange } from "../../../shared/core/range/split-range.ts";
import { commandLine, type LedgerPlace } from "../output/command-line.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { findRange, type RangeTarget } from "../view/find-range.ts";
import { type RangeReport, reportRangeAct } from "../view/report-range-act.ts";

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
  const event: RetryEvent = { kind: "retry", operator: act.operator, now: deps.now() };
  return reopen(deps, act, { verb: "retry", seen: record, pause, event });
}

interface Reopening {
  readonly verb: RangeReport["verb"];
  readonly seen: RangeRecord;
  readonly pause: Pause | undefined;
  readonly event: RetryEvent | SkipRecordEvent;
}

/** What is due at once afterwards, unless it is paused. */
async function reopen(deps: OperatorDeps, act: RangeAct, { verb, seen, pause, event }: Reopening): Promise<ExitCode> {
  const code = await reportRangeAct(deps.terminal, act, { verb, seen, ...(await changeRange(deps, act, seen, event)) });
  const kept = event.kind === "skipRecord" ? event.offset : undefined;
  if (code === EXIT.done && seen.skipOffset !== undefined && seen.skipOffset !== kept) {
    deps.terminal.note(`offset ${seen.skipOffset}, which was to be skipped, is processed like the others again`);
  }
  if (code === EXIT.done && pause !== undefined) {
    deps.terminal.note(pauseNote(deps.place, act.target.pipeline, pause));
  }
  return code;
}

export interface SkipAct extends RangeAct {
  /** How long the ledger keeps the skipped range. */
  readonly retentionMs: number;
  /** Skips only what lies below; absent: all that is left of the range. */
  readonly untilOffset?: bigint | undefined;
  /** Skips this record alone, once everything before it is done; not with `untilOffset`. */
  readonly offset?: bigint | undefined;
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
  if (act.untilOffset !== undefined && act.offset !== undefined) {
    throw new ConfigurationError("--until and --offset are two ways to skip a part of a range; give one of them");
  }
  const { record, pause } = await findRange(deps.ledger, act.target);
  const { operator, retentionMs, offset, untilOffset: at = record.untilOffset } = act;
  const now = deps.now();
  if (offset !== undefined) {
    requireUnprocessed(record, offset);
    const event: SkipRecordEvent = { kind: "skipRecord", operator, offset, now };
    return reopen(deps, act, { verb: "skip", seen: record, pause, event });
  }
  if (!isClosed(record) && (at <= record.committedOffset || at > record.untilOffset)) {
    const { committedOffset, untilOffset } = record;
    throw new ConfigurationError(
      `--until ${at} is not above ${committedOffset}, to where ${formatOffsetRange(record)} is committed, and up to ${untilOffset}`,
    );
  }
  const done =
    at === record.untilOffset
      ? await changeRange(deps, act, record, { kind: "skip", operator, now, retentionMs })
      : await split(deps, act, record, { at, first: "SKIPPED", operator, now, retentionMs });
  return reportRangeAct(deps.terminal, act, { verb: "skip", seen: record, ...done });
}

function requireUnprocessed(record: RangeRecord, offset: bigint): void {
  const { committedOffset, untilOffset } = record;
  if (!isClosed(record) && (offset < committedOffset || offset >= untilOffset)) {
    throw new ConfigurationError(
      `--offset ${offset} is not in [${committedOffset}, ${untilOffset}), what ${formatOffsetRange(record)} has still to process`,
    );
  }
}

type Done = Pick<RangeReport, "outcome" | "rest">;

/** What the event comes to; in a dry run what it would, of the record as it was seen. */
export async function changeRange(
  { ledger }: Pick<OperatorDeps, "ledger">,
  { isDryRun }: Pick<RangeAct, "isDryRun">,
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
      return { outcome: { kind: "changed", record: first }, ...omitUndefined({ rest }) };
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

/** Why what was made due waits all the same, and what takes that back. */
export function pauseNote(place: LedgerPlace, pipeline: string, pause: Pause): string {
  const { of } = pause;
  const partition = of === undefined ? undefined : `${of.topic}:${of.partition}`;
  const resume = commandLine("resume", place, { pipeline, partition });
  return `nothing is dispatched yet: ${describePause(pause)}; ${resume}`;
}
