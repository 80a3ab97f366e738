import { MAX_CONCURRENT_LEDGER_CALLS, MAX_STRICT_SPREAD_MS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import type { BatchDecision, PlannedPartition } from "../../../shared/core/plan/batch-decision.ts";
import { type DispatchRate, dispatchDelays } from "../../../shared/core/plan/dispatch-delays.ts";
import type { SchedulerDeps } from "./scheduler-deps.ts";

/**
 * Settles every partition, in the order given; a dispatch waits for its turn, nothing else waits for it. Whose turn would
 * come when the run is over is queued.
 */
export async function settleInTurn<Outcome>(
  { spread, now }: Pick<SchedulerDeps, "spread" | "now">,
  planned: readonly PlannedPartition[],
  settle: (planned: PlannedPartition) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  if (spread === undefined) {
    return mapConcurrently(planned, MAX_CONCURRENT_LEDGER_CALLS, settle);
  }
  const turns = turnsOf(planned, spread);
  const startedAt = now();
  const outcomes = new Array<Outcome>(planned.length);
  await mapConcurrently(turns, MAX_CONCURRENT_LEDGER_CALLS, async ({ one, index, delayMs }) => {
    if (delayMs > MAX_STRICT_SPREAD_MS) {
      outcomes[index] = await settle({ ...one, decision: queued(spread) });
      return;
    }
    // A clock that steps back must not lengthen the wait.
    const waitMs = Math.min(delayMs, startedAt + delayMs - now());
    if (waitMs > 0) {
      await spread.pause(waitMs);
    }
    outcomes[index] = await settle(one);
  });
  return outcomes;
}

function queued({ perSecond }: DispatchRate): BatchDecision {
  return {
    kind: "queued",
    reason: `its broker takes ${perSecond} dispatches a second, and this run's time is used up`,
  };
}

interface Turn {
  readonly one: PlannedPartition;
  readonly index: number;
  readonly delayMs: number;
}

/** By delay. */
function turnsOf(planned: readonly PlannedPartition[], rate: DispatchRate): readonly Turn[] {
  const turns = planned.map((one, index) => ({ one, index, delayMs: 0 }));
  const dispatched = turns.filter(({ one }) => isDispatched(one));
  const delays = dispatchDelays(
    dispatched.map(({ one }) => one.state.partition.leader?.nodeId),
    rate,
  );
  for (const [at, turn] of dispatched.entries()) {
    turn.delayMs = delays[at] ?? 0;
  }
  return turns.toSorted((a, b) => a.delayMs - b.delayMs);
}

function isDispatched({ decision }: PlannedPartition): boolean {
  switch (decision.kind) {
    case "plan":
      return true;
    case "drive":
      return decision.drive.kind === "redispatch" || decision.drive.kind === "expire";
    default:
      return false;
  }
}
