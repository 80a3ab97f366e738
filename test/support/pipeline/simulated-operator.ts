// Simulated operator
//
// Does with a partition what the command line does, on a ledger that may be as slow,
// and as out of date, as that of anybody else.

import { changePipeline } from "../../../shared/core/ledger/change-pipeline.ts";
import { withoutPause, withPause } from "../../../shared/core/ledger/pauses.ts";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { OperatorNote, RangeEvent } from "../../../shared/core/range/range-event.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";

export type OperatorVerb = "retry" | "skip" | "skipRecord" | "skipUntil" | "pause" | "resume";

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
    default: {
      const { topicId, partition } = of;
      const seen = await ledger.newestRange({ pipeline: step.pipeline, topicId, partition });
      await (seen === undefined ? undefined : actOnRange(ledger, { ...step, verb: step.verb, operator, seen }));
    }
  }
}

interface RangeStep extends OperatorStep {
  readonly verb: Exclude<OperatorVerb, "pause" | "resume">;
  readonly operator: OperatorNote;
  readonly seen: RangeRecord;
}

async function actOnRange(ledger: RangeLedger<string>, { verb, operator, now, seen }: RangeStep): Promise<void> {
  const retentionMs = 86_400_000;
  // In the middle of what is left, as it was seen.
  const offset = (seen.committedOffset + seen.untilOffset) / 2n;
  if (verb !== "skipUntil") {
    const event: RangeEvent =
      verb === "skipRecord" ? { kind: verb, operator, now, offset } : { kind: verb, operator, now, retentionMs };
    const isNothing = verb === "skipRecord" && offset >= seen.untilOffset;
    await (isNothing ? undefined : ledger.changeRange(seen, event));
    return;
  }
  if (offset > seen.committedOffset && !isClosed(seen)) {
    await ledger.splitRange(seen, { at: offset, first: "SKIPPED", operator, now, retentionMs });
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
