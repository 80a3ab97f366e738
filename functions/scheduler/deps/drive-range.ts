import type { RangeDispatch } from "../../../shared/core/ledger/range-dispatcher.ts";
import type { DriveDecision } from "../../../shared/core/plan/plan-partition.ts";
import { isHalted } from "../../../shared/core/range/range-record.ts";
import type { PartitionAction } from "./partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

/** Carries out what was decided for an open range. The ledger is written first: a duplicate dispatch is harmless, a forgotten one is not. */
export async function driveOpenRange(
  { ledger, dispatcher }: SchedulerDeps,
  { dispatchTimeoutMs }: SchedulerRules,
  { decision, dispatch, now }: { decision: DriveDecision; dispatch: RangeDispatch; now: number },
): Promise<PartitionAction> {
  if (decision.kind === "wait") {
    return { kind: "waiting", reason: `${dispatch.record.status} until ${new Date(decision.dueAt).toISOString()}` };
  }
  if (decision.kind === "halted") {
    return decision;
  }
  const outcome = await ledger.changeRange(
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
  return dispatchRange(dispatcher, { ...dispatch, record: outcome.record }, "redispatched");
}

/** Dispatches; a failure is an outcome, since the ledger drives the range again once it is overdue. */
export async function dispatchRange(
  dispatcher: SchedulerDeps["dispatcher"],
  dispatch: RangeDispatch,
  kind: "planned" | "redispatched",
): Promise<PartitionAction> {
  const { fromOffset, untilOffset } = dispatch.record;
  try {
    await dispatcher.dispatch(dispatch);
    return { kind, fromOffset, untilOffset };
  } catch (error) {
    return { kind: "dispatchFailed", fromOffset, untilOffset, reason: String(error) };
  }
}
