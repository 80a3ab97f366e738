// ranges pause, ranges resume: an operator's word on a pipeline or on one of its
// partitions. What is so already stays as it is, which is no failure; another reason for
// it is kept beside the first.

import { ConfigurationError } from "../../../shared/core/errors.ts";
import { changePipeline } from "../../../shared/core/ledger/change-pipeline.ts";
import {
  describePause,
  describeReasons,
  findPause,
  hasReason,
  withoutPause,
  withPause,
} from "../../../shared/core/ledger/pauses.ts";
import type { Pause, PausedPartition, PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { MAX_PAUSE_REASONS } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { operatorAct } from "../../../shared/core/range/operator-act.ts";
import type { OperatorNote } from "../../../shared/core/range/range-event.ts";
import type { OperatorAct } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { commandLine } from "../output/command-line.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import { requirePartition, requirePipeline } from "../view/find-range.ts";
import type { OperatorDeps } from "./act-on-range.ts";

interface Scope {
  readonly pipeline: string;
  /** Absent: the whole pipeline. */
  readonly partition?: TopicPartition | undefined;
  readonly json: boolean;
  readonly isDryRun: boolean;
}

interface PauseReport {
  readonly verb: "pause" | "resume";
  /** False: it was so before. */
  readonly isChange: boolean;
  /** The pause that holds now, or that was taken back. */
  readonly pause: Pause | undefined;
  readonly says: string;
}

export async function pausePipeline(
  deps: OperatorDeps,
  { operator, ...scope }: Scope & { readonly operator: OperatorNote },
): Promise<ExitCode> {
  const before = await requirePipeline(deps.ledger, scope.pipeline);
  const of = scope.partition === undefined ? undefined : requirePartition(before, scope.partition);
  const pause: Pause = { ...operatorAct(operator, deps.now()), ...omitUndefined({ of }) };
  const written = await change(deps, scope, (record) => withPause(record, pause));
  const after = written ?? { ...before, ...withPause(before, pause) };
  const present = findPause(after, of) ?? pause;
  const isNew = isSame(present, pause);
  const isChange = isNew || (present.also ?? []).some((act) => isSame(act, pause));
  const dropped = hasReason(present, pause) ? "" : `; it keeps ${MAX_PAUSE_REASONS} reasons, and not this one`;
  const says = `${nameOf(scope)} is paused ${isNew ? "" : "already, "}${describeReasons(present)}${dropped}`;
  await report(deps, scope, { verb: "pause", isChange, pause: present, says });
  if (isNew) {
    deps.terminal.note(
      "ranges that are dispatched already are finished; a scheduler run under way may dispatch once more",
    );
  }
  return EXIT.done;
}

/** Throws ConfigurationError for a partition that only its whole pipeline's pause holds. */
export async function resumePipeline(deps: OperatorDeps, scope: Scope): Promise<ExitCode> {
  const before = await requirePipeline(deps.ledger, scope.pipeline);
  const of = scope.partition === undefined ? undefined : requirePartition(before, scope.partition);
  const pause = findPause(before, of);
  const whole = of === undefined ? undefined : findPause(before, undefined);
  if (pause === undefined && whole !== undefined) {
    const line = commandLine("resume", deps.place, { pipeline: scope.pipeline });
    throw new ConfigurationError(`${nameOf(scope)} is not paused by itself: ${describePause(whole)}; ${line}`);
  }
  await change(deps, scope, (record) => withoutPause(record, of));
  const says =
    pause === undefined
      ? `${nameOf(scope)} is not paused`
      : `${nameOf(scope)} is resumed; it was paused ${describeReasons(pause)}`;
  await report(deps, scope, { verb: "resume", isChange: pause !== undefined, pause, says });
  for (const left of stillPaused(before, of)) {
    deps.terminal.note(
      `${left.of === undefined ? scope.pipeline : formatTopicPartition(left.of)} stays paused ${describeReasons(left)}`,
    );
  }
  return EXIT.done;
}

function isSame(act: OperatorAct, { by, reason, at }: Pause): boolean {
  return act.at === at && act.by === by && act.reason === reason;
}

/** The record afterwards; undefined for a dry run, which changes nothing. */
async function change(
  { ledger }: OperatorDeps,
  { pipeline, isDryRun }: Scope,
  decide: (record: PipelineRecord) => ReturnType<typeof withPause>,
): Promise<PipelineRecord | undefined> {
  return isDryRun
    ? undefined
    : changePipeline(ledger, pipeline, (record) => (record === undefined ? undefined : decide(record)));
}

/** What else keeps partitions of the resumed scope from going on. */
function stillPaused({ pauses = [] }: PipelineRecord, of: PausedPartition | undefined): readonly Pause[] {
  return pauses.filter((pause) => (of === undefined ? pause.of !== undefined : pause.of === undefined));
}

async function report(
  { terminal }: OperatorDeps,
  { pipeline, partition, json, isDryRun }: Scope,
  { verb, isChange, pause, says }: PauseReport,
): Promise<void> {
  const applied = isChange && !isDryRun;
  await terminal.print(
    json
      ? stringify({ verb, applied, isDryRun, pipeline, ...partition, pause })
      : `${isDryRun && isChange ? "would be: " : ""}${says}`,
  );
}

function nameOf({ pipeline, partition }: Scope): string {
  return partition === undefined ? pipeline : `${pipeline} ${formatTopicPartition(partition)}`;
}
