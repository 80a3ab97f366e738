// ranges status: where every partition stands and why one does not move.

import { checkpointOf } from "../../shared/core/chain-lag.ts";
import type { RangeLedger } from "../../shared/core/range-ledger.ts";
import { formatTopicPartition } from "../../shared/core/topic-partition.ts";
import { stringify } from "../../shared/wire/json.ts";
import { readPipelines } from "./read-chains.ts";
import { type LagDeps, type PartitionStatus, readStatus, shownStatus } from "./read-status.ts";
import type { Terminal } from "./terminal.ts";

export interface StatusOptions {
  readonly pipeline: string | undefined;
  readonly json: boolean;
}

interface StatusDeps {
  readonly ledger: RangeLedger<never>;
  readonly terminal: Terminal;
  /** Absent: the ledger alone is asked. */
  readonly lag?: LagDeps;
}

export async function showStatus({ ledger, terminal, lag }: StatusDeps, options: StatusOptions): Promise<void> {
  const statuses: PartitionStatus[] = [];
  for (const record of await readPipelines(ledger, options.pipeline)) {
    statuses.push(...(await readStatus(ledger, record, lag)));
  }
  if (options.json) {
    await terminal.print(stringify({ partitions: statuses.map(statusToJson) }));
    return;
  }
  for (const line of tabulate([HEADINGS, ...statuses.map(rowOf)])) {
    await terminal.print(line);
  }
  for (const { pipeline, newest, ...partition } of statuses) {
    if (newest === undefined || newest.error !== undefined) {
      const why =
        newest?.error === undefined
          ? "its ledger records are missing"
          : `${newest.error.name}: ${newest.error.message}`;
      await terminal.print(`${pipeline} ${formatTopicPartition(partition)}: ${why}`);
    }
  }
}

const HEADINGS = ["PIPELINE", "PARTITION", "RANGE", "STATUS", "ATTEMPT", "COMMITTED", "LAG", "LAG SECONDS", "PLANNED"];

function rowOf({ pipeline, newest, lag, ...partition }: PartitionStatus): readonly string[] {
  const name = [pipeline, formatTopicPartition(partition)];
  if (newest === undefined) {
    return [...name, "-", "MISSING", "-", "-", "-", "-", "-"];
  }
  return [
    ...name,
    `[${newest.fromOffset}, ${newest.untilOffset})`,
    shownStatus(newest),
    newest.attempt.toString(),
    newest.committedOffset.toString(),
    lag?.lagRecords.toString() ?? "-",
    lag?.lagSeconds?.toFixed(1) ?? "-",
    new Date(newest.plannedAt).toISOString(),
  ];
}

function statusToJson({ pipeline, topic, partition, newest, lag }: PartitionStatus): object {
  if (newest === undefined) {
    return { pipeline, topic, partition, status: "MISSING" };
  }
  const { fromOffset, untilOffset, committedOffset, attempt, counts, error, plannedAt, lease } = newest;
  const range = { fromOffset, untilOffset, committedOffset, checkpoint: checkpointOf(newest) };
  return {
    pipeline,
    topic,
    partition,
    ...range,
    status: shownStatus(newest),
    attempt,
    counts,
    error,
    plannedAt,
    lease,
    lag,
  };
}

function tabulate(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
