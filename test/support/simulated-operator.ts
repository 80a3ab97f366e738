// Simulated operator
//
// Does with a partition what the command line does, on a ledger that may be as slow,
// and as out of date, as that of anybody else.

import { changePipeline } from "../../shared/core/change-pipeline.ts";
import { withoutPause, withPause } from "../../shared/core/pauses.ts";
import type { PipelineRecord, RangeLedger } from "../../shared/core/range-ledger.ts";

export type OperatorVerb = "retry" | "skip" | "pause" | "resume";

export interface OperatorStep {
  readonly verb: OperatorVerb;
  readonly pipeline: string;
  readonly partition: number;
  readonly now: number;
}

/** Does nothing for a pipeline that has not begun. */
export async function operate(ledger: RangeLedger<string>, step: OperatorStep): Promise<void> {
  const record = await ledger.readPipeline(step.pipeline);
  const topic = record?.topics.find(({ partitions }) => partitions.includes(step.partition));
  if (topic === undefined) {
    return;
  }
  const of = { topicId: topic.topicId, topic: topic.topic, partition: step.partition };
  const operator = { by: "ann", reason: `to ${step.verb}` };
  switch (step.verb) {
    case "pause":
    case "resume":
      await changePipeline(ledger as RangeLedger<never>, step.pipeline, (present) =>
        present === undefined ? undefined : decidePause(present, step, of),
      );
      return;
    case "retry":
    case "skip": {
      const { topicId, partition } = of;
      const seen = await ledger.newestRange({ pipeline: step.pipeline, topicId, partition });
      const event = { kind: step.verb, operator, now: step.now, retentionMs: 86_400_000 } as const;
      await (seen === undefined ? undefined : ledger.changeRange(seen, event));
    }
  }
}

/** Takes every pause back. */
export async function resumeAll(ledger: RangeLedger<string>, pipeline: string): Promise<void> {
  await changePipeline(ledger as RangeLedger<never>, pipeline, (present) => {
    if (present?.pauses === undefined) {
      return undefined;
    }
    const { pauses: _gone, ...facts } = present;
    return facts;
  });
}

/** Even partitions are paused by themselves, odd ones with the whole pipeline. */
function decidePause(
  present: PipelineRecord,
  { verb, partition, now }: OperatorStep,
  of: { readonly topicId: string; readonly topic: string; readonly partition: number },
): ReturnType<typeof withPause> {
  const scope = partition % 2 === 0 ? of : undefined;
  const act = { by: "ann", reason: "to look at it", at: now };
  return verb === "pause"
    ? withPause(present, scope === undefined ? act : { ...act, of: scope })
    : withoutPause(present, scope);
}
