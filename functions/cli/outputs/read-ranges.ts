import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_CHAINS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { chainsOf, endedChainsOf, readPipelines } from "../view/read-chains.ts";

export interface PipelineRanges {
  readonly record: PipelineRecord;
  /** Of the live chains and of reprocess requests, chain by chain, by ascending fromOffset. */
  readonly ranges: readonly RangeRecord[];
}

/** All that the ledger remembers of the pipelines, or of the one that is named. */
export async function readRanges(
  ledger: RangeLedger<never>,
  pipeline: string | undefined,
  signal: AbortSignal,
): Promise<readonly PipelineRanges[]> {
  const read: PipelineRanges[] = [];
  for (const record of await readPipelines(ledger, pipeline)) {
    const chains = [...chainsOf(record), ...endedChainsOf(record)];
    const live = await mapConcurrently(chains, MAX_CONCURRENT_CHAINS, ({ chain }) => {
      signal.throwIfAborted();
      return Array.fromAsync(ledger.ranges(chain));
    });
    const ofRequests: RangeRecord[] = [];
    for await (const { requestId } of ledger.reprocessRequests(record.pipeline)) {
      signal.throwIfAborted();
      ofRequests.push(...(await Array.fromAsync(ledger.reprocessRanges(record.pipeline, requestId))));
    }
    read.push({ record, ranges: [...live.flat(), ...ofRequests] });
  }
  return read;
}
