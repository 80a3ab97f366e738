import type { RangeLedger, ReprocessKey } from "./range-ledger.ts";
import type { ReprocessProgress } from "./reprocess-request.ts";

/** Undefined for a request that is closed, or that nobody made. */
export async function findOpenReprocess(
  ledger: Pick<RangeLedger<never>, "openReprocesses">,
  { pipeline, requestId }: ReprocessKey,
): Promise<ReprocessProgress | undefined> {
  return (await ledger.openReprocesses(pipeline)).find((open) => open.requestId === requestId);
}
