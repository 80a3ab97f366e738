// ranges verify: proves the chains of a ledger whole, or names what is not.

import { formatOffsetRange, type OffsetRange, recordCount } from "../../shared/core/offset-range.ts";
import type { PipelineRecord, RangeLedger } from "../../shared/core/range-ledger.ts";
import {
  type ChainKey,
  type OperatorAct,
  type RangeRecord,
  type RangeStatus,
  unprocessedPart,
} from "../../shared/core/range-record.ts";
import { formatTopicPartition } from "../../shared/core/topic-partition.ts";
import { type ChainProblem, verifyChain } from "../../shared/core/verify-chain.ts";
import { stringify } from "../../shared/wire/json.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { chainsOf, readPipelines } from "./read-chains.ts";
import type { Terminal } from "./terminal.ts";

export interface VerifyOptions {
  readonly pipeline: string | undefined;
  readonly json: boolean;
}

export interface LedgerProof {
  readonly chains: number;
  readonly ranges: number;
  readonly problems: readonly (ChainProblem & { readonly pipeline: string; readonly requestId?: string })[];
  /** Ranges that were closed before all of them was processed: facts, not problems. */
  readonly unprocessed: readonly UnprocessedRange[];
}

/** What of a range was never processed, and who let it go. */
export interface UnprocessedRange extends OffsetRange {
  readonly pipeline: string;
  readonly requestId?: string;
  readonly status: RangeStatus;
  readonly operator?: OperatorAct;
}

interface VerifyDeps {
  readonly ledger: RangeLedger<never>;
  readonly terminal: Terminal;
  readonly now: () => number;
}

/** Exit code 1 when a chain is not whole. */
export async function verifyLedger(deps: VerifyDeps, { pipeline, json }: VerifyOptions): Promise<ExitCode> {
  const { terminal } = deps;
  const proof = await proveLedger(deps, pipeline);
  if (json) {
    await terminal.print(stringify({ whole: proof.problems.length === 0, ...proof }));
  } else {
    for (const { kind, message, pipeline: name } of proof.problems) {
      await terminal.print(`${name}: ${kind}: ${message}`);
    }
    for (const range of proof.unprocessed) {
      await terminal.print(`${range.pipeline}: ${describeUnprocessed(range)}`);
    }
    const verdict = proof.problems.length === 0 ? "whole" : `not whole: ${proof.problems.length} problems`;
    await terminal.print(`${proof.chains} chains with ${proof.ranges} ranges are ${verdict}`);
  }
  return proof.problems.length === 0 ? EXIT.done : EXIT.failed;
}

export async function proveLedger(
  { ledger, now }: Pick<VerifyDeps, "ledger" | "now">,
  pipeline: string | undefined,
): Promise<LedgerProof> {
  const proof = {
    chains: 0,
    ranges: 0,
    problems: [] as LedgerProof["problems"][number][],
    unprocessed: [] as UnprocessedRange[],
  };
  for (const record of await readPipelines(ledger, pipeline)) {
    for (const { chain, topic } of chainsOf(record)) {
      const records = await Array.fromAsync(ledger.ranges(chain));
      proof.chains += 1;
      proof.ranges += records.length;
      proof.unprocessed.push(...records.flatMap(unprocessedOf));
      const problems =
        records.length === 0 ? [missingChain(chain, topic)] : verifyChain(records, { now: now(), mode: "live" });
      proof.problems.push(...problems.map((problem) => ({ ...problem, pipeline: record.pipeline })));
    }
    const requests = await proveRequests(ledger, record, now());
    proof.problems.push(...requests.problems);
    proof.unprocessed.push(...requests.unprocessed);
  }
  return proof;
}

function unprocessedOf(record: RangeRecord): readonly UnprocessedRange[] {
  const part = unprocessedPart(record);
  if (part === undefined) {
    return [];
  }
  const { status, operator, chain } = record;
  const { pipeline, requestId } = chain;
  return [
    {
      ...part,
      pipeline,
      ...(requestId === undefined ? {} : { requestId }),
      status,
      ...(operator === undefined ? {} : { operator }),
    },
  ];
}

function describeUnprocessed({ status, operator, ...range }: UnprocessedRange): string {
  const who =
    operator === undefined ? "" : `, by ${operator.by} at ${new Date(operator.at).toISOString()}: ${operator.reason}`;
  return `${status}: ${recordCount(range)} offsets not processed: ${formatOffsetRange(range)}${who}`;
}

/** The pipeline has started on the partition, so its chain must exist (G6). */
function missingChain({ partition }: ChainKey, topic: string): ChainProblem {
  const message = `${formatTopicPartition({ topic, partition })} was started but the ledger has no range of it`;
  return { kind: "missing", topic, partition, fromOffset: 0n, untilOffset: 0n, message };
}

async function proveRequests(
  ledger: RangeLedger<never>,
  { pipeline }: PipelineRecord,
  now: number,
): Promise<Pick<LedgerProof, "problems" | "unprocessed">> {
  const problems: LedgerProof["problems"][number][] = [];
  const unprocessed: UnprocessedRange[] = [];
  for await (const { requestId } of ledger.reprocessRequests(pipeline)) {
    const records = await Array.fromAsync(ledger.reprocessRanges(pipeline, requestId));
    unprocessed.push(...records.flatMap(unprocessedOf));
    const chains = Map.groupBy(records, ({ chain }) => `${chain.topicId}#${chain.partition}`);
    for (const chain of chains.values()) {
      const found = verifyChain(chain, { now, mode: "reprocess" });
      problems.push(...found.map((problem) => ({ ...problem, pipeline, requestId })));
    }
  }
  return { problems, unprocessed };
}
