import { isHalted, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { troubleLines, troubleOf } from "../../cli/view/partition-trouble.ts";
import type { PartitionStatus } from "../../cli/view/read-status.ts";

/** Says of each partition that has halted, once, why, and the command that helps. */
export function createExplainer(
  say: (line: string) => void,
  tableOf: (pipeline: string) => string,
): (statuses: readonly PartitionStatus[]) => void {
  const told = new Set<string>();
  let hasSeenFailure = false;
  const isNew = ({ chain, fromOffset, revision }: RangeRecord) => {
    const key = `${chain.pipeline} ${chain.topicId} ${chain.partition} ${fromOffset} ${revision}`;
    const wasTold = told.has(key);
    told.add(key);
    return !wasTold;
  };
  return (statuses) => {
    for (const status of statuses) {
      const { newest } = status;
      if (newest !== undefined && isHalted(newest) && isNew(newest)) {
        const trouble = troubleOf(status, { table: tableOf(status.pipeline) });
        const name = `${formatTopicPartition(status)} of ${status.pipeline} has halted`;
        for (const line of trouble === undefined ? [name] : troubleLines(name, trouble)) {
          say(line);
        }
      } else if (newest?.status === "FAILED" && !isHalted(newest) && !hasSeenFailure) {
        // A row that says FAILED looks like the end, and is not.
        hasSeenFailure = true;
        say("failed attempts are repeated by themselves; on a slow machine the first ones may run out of time");
      }
    }
  };
}
