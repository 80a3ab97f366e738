import type { ResolvedRange } from "../../shared/core/choice/resolve-choice.ts";
import type { ReprocessPayload } from "../../shared/core/ledger/reprocess-request.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { resolveReprocess } from "../../shared/core/reprocess/resolve-reprocess.ts";
import type { DrainPayload } from "../../shared/wire/events/drain-payload.ts";
import type { SchedulerEvent } from "../../shared/wire/events/scheduler-event.ts";
import type { SchedulerDeps, SchedulerRules } from "./deps/scheduler-deps.ts";
import { completedDrain, type DrainOutcome } from "./drain/drain-pipeline.ts";
import { dryDeps } from "./dry-run.ts";
import { applyStrategy } from "./observe/source-strategy.ts";
import { beginReprocess, driveReprocessRequests, type ReprocessOutcome } from "./reprocess/reprocess.ts";
import { type BatchOutcome, scheduleBatch } from "./schedule-batch.ts";

export interface SchedulerOutcome {
  /** Absent when the event asked for something else than a batch. */
  readonly batch?: BatchOutcome;
  readonly reprocess: readonly ReprocessOutcome[];
  /** How far a drain is. */
  readonly drain?: DrainOutcome;
  /** Whether `batch` is what a run would do, and nothing was written. */
  readonly isDryRun?: true;
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
    const { reprocess: payload } = event;
    const rulesOfRun = readsOwnSource(payload) ? await applyStrategy(deps, rules) : rules;
    return payload.isDryRun
      ? dryRun(deps, rulesOfRun, payload)
      : { reprocess: [await beginReprocess(deps, rulesOfRun, payload)] };
  }
  if (event.kind === "drain") {
    return drain(deps, rules, event.drain);
  }
  if (event.isDryRun) {
    const batch = await scheduleBatch(dryDeps(deps), await applyStrategy(deps, rules));
    return { batch, reprocess: [], isDryRun: true };
  }
  const [batch, reprocess] = await Promise.allSettled([
    applyStrategy(deps, rules).then((rulesOfRun) => scheduleBatch(deps, rulesOfRun)),
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

/** Reprocess requests are left to the schedule's own runs. */
async function drain(
  deps: SchedulerDeps,
  { batchMinimum: _noDelay, ...rules }: SchedulerRules,
  { drainId }: DrainPayload,
): Promise<SchedulerOutcome> {
  const before = completedDrain(await deps.ledger.readPipeline(rules.pipeline), drainId);
  if (before !== undefined) {
    return { reprocess: [], drain: before };
  }
  const { drain: outcome, ...batch } = await scheduleBatch(deps, await applyStrategy(deps, rules), { drainId });
  return { batch, reprocess: [], ...omitUndefined({ drain: outcome }) };
}

/** What is named by itself needs no strategy. */
function readsOwnSource({ target }: ReprocessPayload): boolean {
  return target.kind === "choice" && target.selection === undefined;
}

async function dryRun(
  { source }: SchedulerDeps,
  rules: SchedulerRules,
  payload: ReprocessPayload,
): Promise<SchedulerOutcome> {
  const ranges = await resolveReprocess(source, rules, payload);
  return { reprocess: [], dryRun: { requestId: payload.requestId, ranges } };
}
