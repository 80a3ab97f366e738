import type { RangeDispatch } from "../../../shared/core/ledger/range-dispatcher.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { DriveDecision } from "../../../shared/core/plan/plan-partition.ts";
import { routeOf } from "../../../shared/core/plan/route-ranges.ts";
import { isHalted } from "../../../shared/core/range/range-record.ts";
import type { PartitionAction } from "./partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

/** Carries out what was decided for an open range. The ledger is written first: a duplicate dispatch is harmless, a forgotten one is not. */
export async function driveOpenRange(
  deps: Pick<SchedulerDeps, "ledger" | "dispatcher">,
  rules: Pick<SchedulerRules, "dispatchTimeoutMs" | "routing">,
  { decision, dispatch, now }: { decision: DriveDecision; dispatch: RangeDispatch; now: number },
): Promise<PartitionAction> {
  if (decision.kind === "wait") {
    return { kind: "waiting", reason: `${dispatch.record.status} until ${new Date(decision.dueAt).toISOString()}` };
  }
  if (decision.kind === "halted") {
    return decision;
  }
  const { dispatchTimeoutMs } = rules;
  const outcome = await deps.ledger.changeRange(
    dispatch.record,
    decision.kind === "expire" ? { ...decision, now } : { kind: "redispatch", now, dispatchTimeoutMs },
  );
  if (outcome.kind !== "changed") {
    const reason = outcome.kind === "missing" ? "the record is gone" : `the record moved on: ${outcome.refusal.kind}`;
    return { kind: "collided", reason };
  }
  if (isHalted(outcome.record)) {
    return { kind: "halted", reason: outcome.record.error?.message ?? "its lease expired" };
  }
  return dispatchRange({ deps, rules }, { ...dispatch, record: outcome.record }, "redispatched");
}

/** What a dispatch needs of a run. */
interface DispatchRun {
  readonly deps: Pick<SchedulerDeps, "dispatcher">;
  readonly rules: Pick<SchedulerRules, "routing">;
}

/** Dispatches to the function that the routes of the day say (WR1 to WR3); a failure is an outcome, since the ledger drives the range again once it is overdue. */
export async function dispatchRange(
  { deps, rules }: DispatchRun,
  dispatch: RangeDispatch,
  kind: "planned" | "redispatched",
): Promise<PartitionAction> {
  const { topic, partition, fromOffset, untilOffset } = dispatch.record;
  const { leader } = dispatch;
  const { variant, misplaced } = routeOf(rules.routing, { topic, partition, ...omitUndefined({ leader }) });
  try {
    await deps.dispatcher.dispatch({ ...dispatch, ...omitUndefined({ variant: variant?.name }) });
    return { kind, fromOffset, untilOffset, ...omitUndefined({ misplaced }) };
  } catch (error) {
    return { kind: "dispatchFailed", fromOffset, untilOffset, reason: String(error) };
  }
}
