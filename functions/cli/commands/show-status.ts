// ranges status: where every partition stands, why one does not move, and the command
// that helps.

import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { checkpointOf } from "../../../shared/core/range/chain-lag.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import type { LedgerPlace } from "../output/command-line.ts";
import { tabulate } from "../output/tabulate.ts";
import type { Terminal } from "../output/terminal.ts";
import { groupLines } from "../view/group-lines.ts";
import { heldBackLines } from "../view/held-back-lines.ts";
import { troubleLines, troubleOf } from "../view/partition-trouble.ts";
import { readPipelines } from "../view/read-chains.ts";
import { type RequestStatus, readRequests } from "../view/read-requests.ts";
import { type LagDeps, type PartitionStatus, readStatus, shownStatus } from "../view/read-status.ts";
import { requestTable, stuckRanges } from "../view/request-table.ts";

/** Reasons of unknown lags; a broker that cannot be reached is told for each of its partitions. */
const MAX_SHOWN_REASONS = 20;

export interface StatusOptions {
  readonly pipeline: string | undefined;
  readonly json: boolean;
}

interface StatusDeps {
  readonly ledger: RangeLedger<never>;
  readonly terminal: Terminal;
  readonly now: () => number;
  /** How the lines that are shown for pasting name the ledger. */
  readonly place: LedgerPlace;
  /** Absent: the ledger alone is asked. */
  readonly lag?: LagDeps;
}

export async function showStatus(deps: StatusDeps, options: StatusOptions): Promise<void> {
  const { ledger, terminal, lag, place } = deps;
  const statuses: PartitionStatus[] = [];
  const requests: RequestStatus[] = [];
  for (const record of await readPipelines(ledger, options.pipeline)) {
    statuses.push(...(await readStatus(ledger, record, lag)));
    requests.push(...(await readRequests(ledger, record.pipeline, deps.now())));
  }
  if (options.json) {
    const partitions = statuses.map((status) => ({ ...statusToJson(status), stuck: troubleOf(status, place) }));
    const asked = requests.map((request) => requestToJson(request, place));
    await terminal.print(stringify({ partitions, requests: asked, oldestUnfinished: oldestUnfinished(statuses) }));
    return;
  }
  for (const line of tabulate([HEADINGS, ...statuses.map(rowOf)])) {
    await terminal.print(line);
  }
  const oldest = oldestUnfinished(statuses);
  if (oldest !== undefined) {
    await terminal.print(describeOldest(oldest, deps.now()));
  }
  const lines = [
    ...unknownLags(statuses),
    ...stuckLines(statuses, place),
    ...heldBackLines(statuses),
    ...groupLines(statuses),
    ...requestTable(requests, place),
  ];
  for (const line of lines) {
    await terminal.print(line);
  }
}

interface UnfinishedRange {
  readonly pipeline: string;
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly status: string;
  readonly plannedAt: number;
}

/** The open range that was planned first. */
function oldestUnfinished(statuses: readonly PartitionStatus[]): UnfinishedRange | undefined {
  const open = statuses.flatMap(({ newest }) => (newest === undefined || isClosed(newest) ? [] : [newest]));
  const oldest = open.reduce<RangeRecord | undefined>(
    (first, record) => (first === undefined || record.plannedAt < first.plannedAt ? record : first),
    undefined,
  );
  if (oldest === undefined) {
    return undefined;
  }
  const { topic, partition, fromOffset, untilOffset, plannedAt } = oldest;
  return {
    pipeline: oldest.chain.pipeline,
    ...{ topic, partition, fromOffset, untilOffset, plannedAt },
    status: shownStatus(oldest),
  };
}

function describeOldest(oldest: UnfinishedRange, now: number): string {
  const minutes = Math.max(0, (now - oldest.plannedAt) / 60_000).toFixed(1);
  const range = formatOffsetRange(oldest);
  return `oldest unfinished range: ${oldest.pipeline} ${range} ${oldest.status}, planned ${minutes} minutes ago`;
}

/** Once for all partitions that share a reason, such as a missing permission on their topic. */
function unknownLags(statuses: readonly PartitionStatus[]): readonly string[] {
  const reasons = statuses.flatMap(({ pipeline, topic, lagUnknown }) =>
    lagUnknown === undefined ? [] : [`${pipeline} ${topic}: the lag is unknown: ${lagUnknown}`],
  );
  const distinct = [...new Set(reasons)];
  const left = distinct.length - MAX_SHOWN_REASONS;
  return left > 0 ? [...distinct.slice(0, MAX_SHOWN_REASONS), `and the lags of ${left} more`] : distinct;
}

/** Why each partition does not move and what helps; a pipeline's pause, which all of its partitions share, once. */
function stuckLines(statuses: readonly PartitionStatus[], place: LedgerPlace): readonly string[] {
  const troubles = statuses.flatMap((status) => {
    const trouble = troubleOf(status, place);
    return trouble === undefined ? [] : [troubleLines(nameOfStuck(status), trouble)];
  });
  return [...new Map(troubles.map((lines) => [lines.join("\n"), lines])).values()].flat();
}

function nameOfStuck({ pipeline, pause, ...partition }: PartitionStatus): string {
  const isWhole = pause !== undefined && pause.of === undefined;
  return isWhole ? pipeline : `${pipeline} ${formatTopicPartition(partition)}`;
}

const HEADINGS = ["PIPELINE", "PARTITION", "RANGE", "STATUS", "ATTEMPT", "COMMITTED", "LAG", "LAG SECONDS", "PLANNED"];

function rowOf({ pipeline, newest, lag, pause, ...partition }: PartitionStatus): readonly string[] {
  const name = [pipeline, formatTopicPartition(partition)];
  if (newest === undefined) {
    return [...name, "-", "MISSING", "-", "-", "-", "-", "-"];
  }
  return [
    ...name,
    `[${newest.fromOffset}, ${newest.untilOffset})`,
    [shownStatus(newest), ...skips(newest), ...(pause === undefined ? [] : ["paused"])].join(", "),
    newest.attempt.toString(),
    newest.committedOffset.toString(),
    lag?.lagRecords.toString() ?? "-",
    lag?.lagSeconds?.toFixed(1) ?? "-",
    new Date(newest.plannedAt).toISOString(),
  ];
}

function skips({ skipOffset }: RangeRecord): readonly string[] {
  return skipOffset === undefined ? [] : [`skips ${skipOffset}`];
}

function requestToJson(status: RequestStatus, place: LedgerPlace): object {
  const { haltedRanges: _asStuck, ...request } = status;
  return { ...request, stuck: stuckRanges(status, place) };
}

function statusToJson(status: PartitionStatus): object {
  const { pipeline, topic, partition, newest, lag, lagUnknown, heldBack, pause, group } = status;
  if (newest === undefined) {
    return { pipeline, topic, partition, status: "MISSING", paused: pause };
  }
  const { fromOffset, untilOffset, committedOffset, skipOffset, attempt, counts, error, operator, plannedAt, lease } =
    newest;
  const range = { fromOffset, untilOffset, committedOffset, skipOffset, checkpoint: checkpointOf(newest) };
  return {
    pipeline,
    topic,
    partition,
    ...range,
    status: shownStatus(newest),
    attempt,
    counts,
    error,
    operator,
    paused: pause,
    plannedAt,
    lease,
    lag,
    lagUnknown,
    heldBack,
    group,
  };
}
