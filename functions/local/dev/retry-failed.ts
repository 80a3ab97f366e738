import { listNames } from "../../../shared/core/bounded-text.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { LocalRun } from "../run/local-run.ts";

/** Makes what has failed or halted due at once, with all its attempts again: the code is another. */
export async function retryFailed(run: LocalRun, say: (line: string) => void): Promise<void> {
  const operator = { by: "ranges dev", reason: "the code was deployed again" };
  const retried: string[] = [];
  for (const { running } of run.pipelines) {
    for (const { newest, ...partition } of await running.status()) {
      if (newest?.status === "FAILED") {
        const { kind } = await running.ledger.changeRange(newest, { kind: "retry", operator, now: Date.now() });
        if (kind === "changed") {
          retried.push(formatTopicPartition(partition));
        }
      }
    }
  }
  if (retried.length > 0) {
    say(`retried ${listNames(retried)}`);
  }
}
