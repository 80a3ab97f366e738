// Operate: what the options of retry, skip, pause, resume and cancel come to.

import { userInfo } from "node:os";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { OperatorNote } from "../../../shared/core/range/range-event.ts";
import {
  parseOffsetArgument,
  parseRangeStartArgument,
  parseTopicPartitionArgument,
} from "../../../shared/wire/offsets/range-argument.ts";
import { type OperatorDeps, type RangeAct, retryRange, skipRange } from "../commands/act-on-range.ts";
import { cancelReprocess } from "../commands/cancel-reprocess.ts";
import { pausePipeline, resumePipeline } from "../commands/pause-pipeline.ts";
import { type RetryAllAct, retryAll } from "../commands/retry-all.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import type { LedgerArguments } from "../options/options.ts";
import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

interface OperatorArguments extends LedgerArguments {
  readonly pipeline: string;
  readonly by?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

interface RangeArguments extends OperatorArguments {
  readonly range: string;
  readonly requestId?: string;
}

export interface RetryArguments extends Omit<RangeArguments, "range"> {
  readonly range?: string;
  readonly all?: true;
  readonly topic?: readonly string[];
  readonly error?: readonly string[];
}

export interface SkipArguments extends RangeArguments {
  readonly retentionDays: number;
  readonly until?: string;
  readonly offset?: string;
}

export interface ScopeArguments extends OperatorArguments {
  readonly partition?: string;
}

export interface CancelArguments extends OperatorArguments {
  readonly requestId: string;
}

const DAY_MS = 86_400_000;

export function runRetry(options: RetryArguments, terminal: Terminal): Promise<ExitCode> {
  const deps = depsOf(options, terminal);
  const { range } = options;
  requireOneChoice(options);
  return range === undefined
    ? retryAll(deps, retryAllActOf(options))
    : retryRange(deps, rangeActOf({ ...options, range }));
}

/** Throws ConfigurationError unless the options choose either one range or all. */
function requireOneChoice({ range, all, topic, error }: RetryArguments): void {
  if ((range === undefined) === (all === undefined)) {
    throw new ConfigurationError("give exactly one of --range and --all");
  }
  if (all === undefined && (topic !== undefined || error !== undefined)) {
    throw new ConfigurationError("--topic and --error choose among all halted ranges; give them with --all");
  }
}

export function runSkip(options: SkipArguments, terminal: Terminal): Promise<ExitCode> {
  const { until, offset } = options;
  return skipRange(depsOf(options, terminal), {
    ...rangeActOf(options),
    retentionMs: options.retentionDays * DAY_MS,
    untilOffset: until === undefined ? undefined : parseOffsetArgument("--until", until),
    offset: offset === undefined ? undefined : parseOffsetArgument("--offset", offset),
  });
}

export function runPause(options: ScopeArguments, terminal: Terminal): Promise<ExitCode> {
  return pausePipeline(depsOf(options, terminal), { ...scopeOf(options), operator: operatorOf(options) });
}

export function runResume(options: ScopeArguments, terminal: Terminal): Promise<ExitCode> {
  return resumePipeline(depsOf(options, terminal), scopeOf(options));
}

export function runCancel(options: CancelArguments, terminal: Terminal): Promise<ExitCode> {
  const { pipeline, requestId, json, dryRun } = options;
  const act = { operator: operatorOf(options), json: json === true, isDryRun: dryRun === true };
  return cancelReprocess(depsOf(options, terminal), { pipeline, requestId, ...act });
}

function depsOf(options: OperatorArguments, terminal: Terminal): OperatorDeps {
  const { table, endpointUrl } = options;
  return { ledger: ledgerOf(options), terminal, now: () => Date.now(), place: { table, endpointUrl } };
}

function rangeActOf(options: RangeArguments): RangeAct {
  const { pipeline, requestId, json, dryRun } = options;
  const target = { ...parseRangeStartArgument(options.range), pipeline, requestId };
  return { target, operator: operatorOf(options), json: json === true, isDryRun: dryRun === true };
}

function retryAllActOf(options: RetryArguments): RetryAllAct {
  const { pipeline, requestId, topic: topics = [], error: errors = [], json, dryRun } = options;
  const choice = { pipeline, requestId, topics, errors };
  return { choice, operator: operatorOf(options), json: json === true, isDryRun: dryRun === true };
}

function scopeOf({ pipeline, partition, json, dryRun }: ScopeArguments) {
  return {
    pipeline,
    partition: partition === undefined ? undefined : parseTopicPartitionArgument("--partition", partition),
    json: json === true,
    isDryRun: dryRun === true,
  };
}

function operatorOf({ by = shellUser(), reason = "" }: OperatorArguments): OperatorNote {
  return { by: requireText("--by", by), reason: requireText("--reason", reason) };
}

function shellUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new ConfigurationError("this shell's user has no name; give --by", { cause });
  }
}

function requireText(option: string, text: string): string {
  if (text.trim() === "") {
    throw new ConfigurationError(
      `${option} ${quote(text)} is empty; give a text, since whoever comes later wants to know`,
    );
  }
  return text.trim();
}
