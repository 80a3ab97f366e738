import type { SchedulerEvent } from "../../shared/wire/scheduler-event.ts";
import { driveReprocessRequests, type ReprocessOutcome, requestReprocess } from "./reprocess.ts";
import { type BatchOutcome, scheduleBatch } from "./schedule-batch.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

export interface SchedulerOutcome {
  /** Absent when the event asked for something else than a batch. */
  readonly batch?: BatchOutcome;
  readonly reprocess: readonly ReprocessOutcome[];
}

/** Does what the event asks for. A batch that fails does not keep the reprocess requests from going on. */
export async function runScheduler(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  event: SchedulerEvent,
): Promise<SchedulerOutcome> {
  if (event.kind === "reprocess") {
    return { reprocess: [await requestReprocess(deps, rules, event.reprocess)] };
  }
  const [batch, reprocess] = await Promise.allSettled([
    scheduleBatch(deps, rules),
    driveReprocessRequests(deps, rules),
  ]);
  if (batch.status === "rejected") {
    throw batch.reason;
  }
  if (reprocess.status === "rejected") {
    throw reprocess.reason;
  }
  return { batch: batch.value, reprocess: reprocess.value };
}
