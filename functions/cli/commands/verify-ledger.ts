// ranges verify: proves the chains of a ledger whole, or names what is not.
//
// A problem breaks a guarantee; a warning is a recorded fact that somebody should
// know of: work that waits. What was given up on purpose is listed beside them.

import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_CHAINS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { isAllProcessed } from "../../../shared/core/range/offset-outcomes.ts";
import type { ChainKey } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { addTotals, NO_OFFSETS, type OffsetTotals, totalOffsets } from "../../../shared/core/verify/offset-totals.ts";
import { type ChainRemark, reviewChain } from "../../../shared/core/verify/review-chain.ts";
import { type ChainProblem, verifyChain } from "../../../shared/core/verify/verify-chain.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { outputLines } from "../outputs/output-lines.ts";
import type { OutputProof } from "../outputs/output-proof.ts";
import { describeOffsets } from "../view/describe-offsets.ts";
import { isMadeGood, withProcessed } from "../view/processed-since.ts";
import { chainsOf, endedChainsOf, type LiveChain, readPipelines } from "../view/read-chains.ts";
import { describeUnprocessed, type UnprocessedRange, unprocessedOf } from "../view/unprocessed-range.ts";
import { type CheckpointHolder, type LogProblem, type VerifyLog, verifyLogs } from "../view/verify-logs.ts";
import { type RequestAccount, type RequestRemark, verifyRequests } from "../view/verify-requests.ts";

/** Ten runs of the shortest interval. */
const STUCK_AFTER_MS = 600_000;

export interface VerifyOptions {
  readonly pipeline: string | undefined;
  readonly json: boolean;
  /** A warning fails as well, and so does what was quarantined, skipped or lost, and not processed since; never what was rejected. */
  readonly strict: boolean;
}

export interface VerifyDeps {
  readonly ledger: RangeLedger<never>;
  readonly now: () => number;
  /** How long an expired lease or an open range may wait, in ms. @default 600000 */
  readonly stuckAfterMs?: number;
  /** Absent: the ledger alone is asked. */
  readonly log?: VerifyLog;
  /** Absent: outputs are not looked at. */
  readonly proveOutputs?: () => Promise<readonly OutputProof[]>;
}

export type Located<Found> = Found & { readonly pipeline: string; readonly requestId?: string };

export interface LedgerProof {
  readonly chains: number;
  readonly ranges: number;
  readonly problems: readonly Located<ChainProblem | LogProblem>[];
  readonly warnings: readonly Located<ChainRemark | RequestRemark>[];
  /** Ranges that were closed before all of them was processed: facts, not problems. */
  readonly unprocessed: readonly UnprocessedRange[];
  /** Of the live chains: where the offsets went that the ledger remembers. */
  readonly totals: OffsetTotals;
  /** What became of each reprocess request's offsets, also of ranges that the table has forgotten. */
  readonly requests: readonly RequestAccount[];
}

const NOTHING: LedgerProof = {
  chains: 0,
  ranges: 0,
  problems: [],
  warnings: [],
  unprocessed: [],
  totals: NO_OFFSETS,
  requests: [],
};

/**
 * Exit code 1 when a chain or an output is not whole, or, if strict, when there is a warning, or something that was quarantined,
 * skipped or lost, and not processed since.
 */
export async function verifyLedger(
  deps: VerifyDeps & { readonly terminal: Terminal },
  { pipeline, json, strict }: VerifyOptions,
): Promise<ExitCode> {
  const proof = await proveLedger(deps, pipeline);
  const outputs = await deps.proveOutputs?.();
  const whole = proof.problems.length === 0 && (outputs ?? []).every(({ problems }) => problems.length === 0);
  const lines = json
    ? [stringify({ whole, ...proof, ...omitUndefined({ outputs }) })]
    : [...linesOf(proof), ...(outputs === undefined ? [] : outputLines(outputs))];
  for (const line of lines) {
    await deps.terminal.print(line);
  }
  const { warnings, unprocessed, requests } = proof;
  const isStrictlyWhole =
    warnings.length === 0 &&
    unprocessed.every(({ processedBy }) => processedBy !== undefined) &&
    requests.every((request) => isMadeGood(request, unprocessed));
  return whole && (isStrictlyWhole || !strict) ? EXIT.done : EXIT.failed;
}

function linesOf({
  problems,
  warnings,
  unprocessed,
  requests,
  chains,
  ranges,
  totals,
}: LedgerProof): readonly string[] {
  const line = (level: string) => (found: LedgerProof["problems" | "warnings"][number]) =>
    `${nameOf(found)}: ${level}${found.kind}: ${found.message}`;
  const verdict = problems.length === 0 ? "whole" : `not whole: ${problems.length} problems`;
  return [
    ...problems.map(line("")),
    ...warnings.map(line("warning: ")),
    ...unprocessed.map((range) => `${nameOf(range)}: ${describeUnprocessed(range)}`),
    ...requests.flatMap(requestLine),
    ...totalLine(totals),
    `${chains} chains with ${ranges} ranges are ${verdict}`,
  ];
}

/** A request's range and one of the live chain may be the same offsets. */
function nameOf({ pipeline, requestId }: Pick<Located<object>, "pipeline" | "requestId">): string {
  return requestId === undefined ? pipeline : `${pipeline} request ${requestId}`;
}

function requestLine({ offsets, ...request }: RequestAccount): readonly string[] {
  const { total, ...parts } = offsets;
  const isPlain = isAllProcessed(offsets) || total === offsets.processed + offsets.left;
  return isPlain ? [] : [`${nameOf(request)}: ${describeOffsets(total, parts)}`];
}

/** The rejected records were delivered as well: they are no part of the sum of their own. */
function totalLine({ bytes: _bytes, delivered, rejected = 0n, ...others }: OffsetTotals): readonly string[] {
  const accepted = delivered - rejected;
  const sum = Object.values(others).reduce((all, count) => all + count, delivered);
  return sum === 0n ? [] : [describeOffsets(sum, { delivered: accepted, rejected, ...others })];
}

export async function proveLedger(deps: VerifyDeps, pipeline: string | undefined): Promise<LedgerProof> {
  const records = await readPipelines(deps.ledger, pipeline);
  const proofs: LedgerProof[] = [];
  for (const record of records) {
    proofs.push(await provePipeline(deps, record));
  }
  return proofs.reduce(joinProofs, NOTHING);
}

async function provePipeline(deps: VerifyDeps, record: PipelineRecord): Promise<LedgerProof> {
  const { pipeline } = record;
  const chains = await mapConcurrently(chainsOf(record), MAX_CONCURRENT_CHAINS, (chain) => proveChain(deps, chain));
  const holders = chains.flatMap(({ holder }) => holder ?? []);
  const ofLogs = deps.log === undefined ? [] : await verifyLogs(deps.log, record, holders);
  const ended = await mapConcurrently(endedChainsOf(record), MAX_CONCURRENT_CHAINS, (chain) => proveChain(deps, chain));
  const proofs = [...chains, ...ended.filter(({ holder }) => holder !== undefined)].map(({ proof }) => proof);
  const rules = { now: deps.now(), stuckAfterMs: deps.stuckAfterMs ?? STUCK_AFTER_MS };
  const ofRequests = await verifyRequests(deps.ledger, pipeline, rules);
  const located = <Found>(found: Found) => ({ ...found, pipeline });
  const proof = [
    ...proofs,
    { ...NOTHING, problems: ofLogs.map(located) },
    {
      ...NOTHING,
      problems: ofRequests.problems.map(located),
      warnings: ofRequests.warnings.map(located),
      unprocessed: ofRequests.unprocessed,
      requests: ofRequests.requests,
    },
  ].reduce(joinProofs, NOTHING);
  return { ...proof, unprocessed: proof.unprocessed.map((range) => withProcessed(range, ofRequests.processed)) };
}

async function proveChain(
  { ledger, now, stuckAfterMs = STUCK_AFTER_MS }: VerifyDeps,
  { chain, topic }: LiveChain,
): Promise<{ readonly proof: LedgerProof; readonly holder: CheckpointHolder | undefined }> {
  const records = await Array.fromAsync(ledger.ranges(chain));
  const { pipeline } = chain;
  const rules = { now: now(), mode: "live", stuckAfterMs, openLongAfterMs: stuckAfterMs } as const;
  const problems = records.length === 0 ? [missingChain(chain, topic)] : verifyChain(records, rules);
  const proof = {
    ...NOTHING,
    chains: 1,
    ranges: records.length,
    problems: problems.map((problem) => ({ ...problem, pipeline })),
    warnings: reviewChain(records, rules).map((remark) => ({ ...remark, pipeline })),
    unprocessed: records.flatMap(unprocessedOf),
    totals: totalOffsets(records),
  };
  const newest = records.at(-1);
  return { proof, holder: newest };
}

function joinProofs(a: LedgerProof, b: LedgerProof): LedgerProof {
  return {
    chains: a.chains + b.chains,
    ranges: a.ranges + b.ranges,
    problems: [...a.problems, ...b.problems],
    warnings: [...a.warnings, ...b.warnings],
    unprocessed: [...a.unprocessed, ...b.unprocessed],
    totals: addTotals(a.totals, b.totals),
    requests: [...a.requests, ...b.requests],
  };
}

/** The pipeline has started on the partition, so its chain must exist (G6). */
function missingChain({ partition }: ChainKey, topic: string): ChainProblem {
  const message = `${formatTopicPartition({ topic, partition })} was started but the ledger has no range of it`;
  return { kind: "missing", topic, partition, fromOffset: 0n, untilOffset: 0n, message };
}
