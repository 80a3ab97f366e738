// Freeze reprocess
//
// Stores what a payload asks for, resolved against the log of this moment. From
// then on the request is what the ledger says, whatever the log does: the same request
// id twice is one request, and another payload under it is refused (RQ2).

import { ConfigurationError } from "../errors.ts";
import type { RangeLedger } from "../ledger/range-ledger.ts";
import type { ReprocessPayload, ReprocessRequest } from "../ledger/reprocess-request.ts";
import type { OffsetSource } from "../source/offset-source.ts";
import { type ReprocessRules, resolveReprocess } from "./resolve-reprocess.ts";

export interface FreezeDeps {
  readonly source: OffsetSource;
  readonly ledger: Pick<RangeLedger<never>, "readReprocess" | "requestReprocess">;
  readonly now: () => number;
}

/** Throws ConfigurationError, before anything is written, for what cannot be read exactly. */
export async function freezeReprocess(
  { source, ledger, now }: FreezeDeps,
  rules: ReprocessRules & { readonly pipeline: string },
  payload: ReprocessPayload,
): Promise<ReprocessRequest> {
  const { requestId, fingerprint, pacing } = payload;
  const known = await ledger.readReprocess(rules.pipeline, requestId);
  const request =
    known ??
    (await ledger.requestReprocess({
      pipeline: rules.pipeline,
      requestId,
      requestedAt: now(),
      payload: fingerprint,
      ranges: await resolveReprocess(source, rules, payload),
      ...pacing,
    }));
  if (request.payload !== fingerprint) {
    throw new ConfigurationError(
      `requestId ${requestId} was used on ${new Date(request.requestedAt).toISOString()} for other ranges; choose another requestId`,
    );
  }
  return request;
}
