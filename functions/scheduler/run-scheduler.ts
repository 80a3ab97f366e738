import type { ReprocessPayload } from "../../shared/core/reprocess-request.ts";
import type { ResolvedRange } from "../../shared/core/resolve-choice.ts";
import { resolveReprocess } from "../../shared/core/resolve-reprocess.ts";
import type { SchedulerEvent } from "../../shared/wire/scheduler-event.ts";
import { driveReprocessRequests, type ReprocessOutcome, requestReprocess } from "./reprocess.ts";
import { type BatchOutcome, scheduleBatch } from "./schedule-batch.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

export interface SchedulerOutcome {
  /** Absent when the event asked for something else than a batch. */
  readonly batch?: BatchOutcome;
  readonly reprocess: readonly ReprocessOutcome[];
  /** What a dry run would reprocess. */
  readonly dryRun?: { readonly requestId: string; readonly ranges: readonly ResolvedRange[] };
}

/** Does what the event asks for. A batch that fails does not keep the reprocess requests from going on. */
export async function runScheduler(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  event: SchedulerEvent,
): Promise<SchedulerOutcome> {
  if (event.kind === "reprocess") {
    return event.reprocess.isDryRun
      ? dryRun(deps, rules, event.reprocess)
      : { reprocess: [await requestReprocess(deps, rules, event.reprocess)] };
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

async function dryRun(
  { source }: SchedulerDeps,
  rules: SchedulerRules,
  payload: ReprocessPayload,
): Promise<SchedulerOutcome> {
  const ranges = await resolveReprocess(source, rules, payload);
  return { reprocess: [], dryRun: { requestId: payload.requestId, ranges } };
}
