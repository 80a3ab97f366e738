import { type PartitionStatus, shownStatus } from "../../cli/view/read-status.ts";
import { checkpointOf } from "../../../shared/core/range/chain-lag.ts";
import type { LiveRow } from "./render-table.ts";

interface Reading {
  readonly checkpoint: bigint;
  readonly at: number;
}

/** Makes a table's rows of one status after the other; the rate is that of the checkpoint between two of them. */
export function createLiveRows(now: () => number): (statuses: readonly PartitionStatus[]) => readonly LiveRow[] {
  const readings = new Map<number, Reading>();
  return (statuses) =>
    statuses.map((status) => {
      const { partition, newest, lag } = status;
      if (newest === undefined) {
        return { partition, status: "MISSING", attempt: 0 };
      }
      const reading = { checkpoint: checkpointOf(newest), at: now() };
      const recordsPerSecond = rateBetween(readings.get(partition), reading);
      readings.set(partition, reading);
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
}

function rateBetween(before: Reading | undefined, after: Reading): number | undefined {
  if (before === undefined || after.at <= before.at) {
    return undefined;
  }
  return (Number(after.checkpoint - before.checkpoint) * 1_000) / (after.at - before.at);
}
