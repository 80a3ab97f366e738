// Retry failed
//
// Code was deployed again: what has failed with the code before is due at once, with all its
// attempts. An attempt that is under way still runs that code; it is watched until it ends,
// since it may be the last one that the range has.

import { listNames } from "../../../shared/core/bounded-text.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { pause } from "../process/pause.ts";
import type { LocalPipeline, LocalRun } from "../run/local-run.ts";

const POLL_MS = 500;

/** Resolves once no attempt with the code before is under way, or the signal fires. */
export async function retryFailed(run: LocalRun, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  let underWay: ReadonlySet<string> | undefined;
  do {
    const newest = await newestRanges(run.pipelines);
    const known = underWay;
    const concerned = newest.filter((one) => known === undefined || known.has(attemptOf(one.record)));
    await retry(
      concerned.filter(({ record }) => record.status === "FAILED"),
      say,
    );
    underWay = new Set(
      concerned.filter(({ record }) => record.status === "RUNNING").map(({ record }) => attemptOf(record)),
    );
    if (underWay.size > 0) {
      await pause(POLL_MS, signal);
    }
  } while (underWay.size > 0 && !signal.aborted);
}

interface NewestRange {
  readonly pipeline: LocalPipeline;
  readonly record: RangeRecord;
}

async function newestRanges(pipelines: readonly LocalPipeline[]): Promise<readonly NewestRange[]> {
  const found = pipelines.map(async (pipeline) => {
    const statuses = await pipeline.running.status();
    return statuses.flatMap(({ newest }) => (newest === undefined ? [] : [{ pipeline, record: newest }]));
  });
  return (await Promise.all(found)).flat();
}

function attemptOf({ chain, fromOffset, attempt }: RangeRecord): string {
  return `${chain.pipeline} ${chain.topicId} ${chain.partition} ${fromOffset} ${attempt}`;
}

async function retry(failed: readonly NewestRange[], say: (line: string) => void): Promise<void> {
  const operator = { by: "ranges dev", reason: "the code was deployed again" };
  const retried: string[] = [];
  for (const { pipeline, record } of failed) {
    const event = { kind: "retry", operator, now: Date.now() } as const;
    const { kind } = await pipeline.running.ledger.changeRange(record, event);
    if (kind === "changed") {
      retried.push(formatTopicPartition(record));
    }
  }
  if (retried.length > 0) {
    say(`retried ${listNames(retried)}`);
  }
}
