import { checkpointOf } from "../../../shared/core/range/chain-lag.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { type PartitionStatus, shownStatus } from "../../cli/view/read-status.ts";
import type { LiveRow } from "./render-table.ts";

interface Reading {
  readonly checkpoint: bigint;
  readonly at: number;
}

/** Makes a table's rows of one status after the other; the rate is that of the checkpoint between two of them. */
export function createLiveRows(now: () => number): (statuses: readonly PartitionStatus[]) => readonly LiveRow[] {
  const readings = new Map<string, Reading>();
  return (statuses) => {
    const nameOf = namer(statuses);
    return statuses.map((status) => {
      const { newest, lag } = status;
      const partition = nameOf(status);
      if (newest === undefined) {
        return { partition, status: "MISSING", attempt: 0 };
      }
      const key = `${status.pipeline} ${formatTopicPartition(status)}`;
      const reading = { checkpoint: checkpointOf(newest), at: now() };
      const recordsPerSecond = rateBetween(readings.get(key), reading);
      readings.set(key, reading);
      return {
        partition,
        fromOffset: newest.fromOffset,
        untilOffset: newest.untilOffset,
        status: shownStatus(newest),
        attempt: newest.attempt,
        ...(lag === undefined ? {} : { lagRecords: lag.lagRecords }),
        ...(lag?.lagSeconds === undefined ? {} : { lagSeconds: lag.lagSeconds }),
        ...(recordsPerSecond === undefined ? {} : { recordsPerSecond }),
      };
    });
  };
}

/** The topic's name is said where there are several, and so is the pipeline's. */
function namer(statuses: readonly PartitionStatus[]): (status: PartitionStatus) => string {
  const hasOne = (values: readonly string[]) => new Set(values).size <= 1;
  const isOneTopic = hasOne(statuses.map(({ topic }) => topic));
  const isOnePipeline = hasOne(statuses.map(({ pipeline }) => pipeline));
  return (status) => {
    const partition = isOneTopic ? String(status.partition) : formatTopicPartition(status);
    return isOnePipeline ? partition : `${status.pipeline} ${partition}`;
  };
}

function rateBetween(before: Reading | undefined, after: Reading): number | undefined {
  if (before === undefined || after.at <= before.at) {
    return undefined;
  }
  return (Number(after.checkpoint - before.checkpoint) * 1_000) / (after.at - before.at);
}
