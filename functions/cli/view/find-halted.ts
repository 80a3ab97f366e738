// Find halted
//
// The halted ranges of a pipeline that an operator means together: of its live chains and of the reprocess requests
// that are open, or of one request. What is over is left out: chains of topics that are ended, and requests that are
// cancelled, whose halted ranges the scheduler skips.

import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { readGroup } from "../../../shared/core/ledger/range-group.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_LEDGER_CALLS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { isHalted, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { chainsOf, endedChainsOf } from "./read-chains.ts";
import { readRequests } from "./read-requests.ts";

export interface HaltedChoice {
  readonly pipeline: string;
  /** Absent: the live chains and every open request. */
  readonly requestId?: string | undefined;
  /** Empty: of every topic. */
  readonly topics: readonly string[];
  /** Names of the errors that the records keep. Empty: by whatever error. */
  readonly errors: readonly string[];
}

/** Of every topic and error. Throws ConfigurationError for a request that the ledger does not know. */
export async function findHalted(
  ledger: RangeLedger<never>,
  pipeline: PipelineRecord,
  { requestId, now }: { readonly requestId: string | undefined; readonly now: number },
): Promise<readonly RangeRecord[]> {
  const live = requestId === undefined ? await haltedOfChains(ledger, pipeline) : [];
  return [...live, ...(await haltedOfRequests(ledger, pipeline, { requestId, now }))];
}

/** Those of the topics and errors that are named. */
export function chooseHalted(
  halted: readonly RangeRecord[],
  { topics, errors }: Pick<HaltedChoice, "topics" | "errors">,
): readonly RangeRecord[] {
  const isNamed = (names: readonly string[], name: string | undefined) =>
    names.length === 0 || (name !== undefined && names.includes(name));
  return halted.filter(({ topic, error }) => isNamed(topics, topic) && isNamed(errors, error?.name));
}

async function haltedOfChains(ledger: RangeLedger<never>, pipeline: PipelineRecord): Promise<readonly RangeRecord[]> {
  const groups = await mapConcurrently(chainsOf(pipeline), MAX_CONCURRENT_LEDGER_CALLS, async ({ chain }) => {
    const newest = await ledger.newestRange(chain);
    return newest === undefined ? [] : readGroup(ledger, newest);
  });
  return groups.flat().filter(isHalted);
}

async function haltedOfRequests(
  ledger: RangeLedger<never>,
  record: PipelineRecord,
  { requestId, now }: { readonly requestId: string | undefined; readonly now: number },
): Promise<readonly RangeRecord[]> {
  const { pipeline } = record;
  const requests = await readRequests(ledger, pipeline, now);
  const chosen = requests.filter((request) => requestId === undefined || request.requestId === requestId);
  if (requestId !== undefined && chosen.length === 0) {
    throw new ConfigurationError(
      `reprocess request ${quote(requestId)} of ${pipeline} is not in this ledger; \`ranges status\` shows its requests`,
    );
  }
  const ended = new Set(endedChainsOf(record).map(({ chain }) => chain.topicId));
  return chosen
    .filter(({ state }) => state === "open")
    .flatMap(({ haltedRanges = [] }) => haltedRanges)
    .filter(({ chain }) => !ended.has(chain.topicId));
}
