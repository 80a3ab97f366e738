import { EXPIRY_ATTRIBUTE, PARTITION_KEY } from "../core/ledger/ledger-table.ts";
import type { ReprocessKey } from "../core/ledger/range-ledger.ts";
import { newProgress, type ReprocessCompletion, type ReprocessRequest } from "../core/ledger/reprocess-request.ts";
import { omitUndefined } from "../core/omit-undefined.ts";
import { conditionalPut, keyIsFree } from "./conditional-write.ts";
import { requestKey, requestsListing } from "./items/attributes/keys.ts";
import { encodeExpiry } from "./items/item-codec.ts";
import { decodeRequest, encodeCompletion, encodeRequest } from "./items/request-codec.ts";
import { type LedgerStore, queryItems, readItem } from "./ledger-store.ts";
import {
  moveRequest,
  nameRequest,
  readOpenRequests,
  replaceList,
  replacement,
  replaceRequest,
} from "./open-requests.ts";
import { done, untilStored } from "./until-stored.ts";

export async function readReprocess(
  store: LedgerStore,
  pipeline: string,
  requestId: string,
): Promise<ReprocessRequest | undefined> {
  const item = await readItem(store, requestKey(pipeline, requestId));
  return item === undefined ? undefined : decodeRequest(item);
}

/** Whose write it was does not matter: the stored request is the answer either way. */
export async function requestReprocess(store: LedgerStore, request: ReprocessRequest): Promise<ReprocessRequest> {
  const { pipeline, requestId } = request;
  const Put = conditionalPut(store, encodeRequest(request), keyIsFree);
  return untilStored(store, nameRequest(request), async () => {
    const open = await readOpenRequests(store, pipeline);
    const isListed = open.requests.some((one) => one.requestId === requestId);
    const listed = isListed ? open.requests : replaceRequest(open, newProgress(requestId));
    const list = replacement(open, listed);
    const outcome = await moveRequest(store, { Put }, list);
    if (outcome.kind === "stored") {
      return done(request);
    }
    if (outcome.kind === "refused" && outcome.present !== undefined) {
      const stored = decodeRequest(outcome.present);
      // Earlier code stored a request alone: it becomes one of the open ones when it is asked for again.
      const isListMissing = !isListed && stored.completion === undefined;
      if (!isListMissing || (await replaceList(store, list)).kind === "stored") {
        return done(stored);
      }
    }
    return { kind: "contended" };
  });
}

export async function* listReprocessRequests(
  store: LedgerStore,
  pipeline: string,
): AsyncGenerator<ReprocessRequest, void, undefined> {
  for await (const item of queryItems(store, requestsListing(pipeline))) {
    yield decodeRequest(item);
  }
}

export async function completeReprocess(
  store: LedgerStore,
  key: ReprocessKey,
  { completedAt, retentionMs }: { readonly completedAt: number; readonly retentionMs: number },
): Promise<void> {
  return untilStored(store, nameRequest(key), async () => {
    const open = await readOpenRequests(store, key.pipeline);
    const progress = open.requests.find(({ requestId }) => requestId === key.requestId);
    if (progress === undefined) {
      return done(undefined);
    }
    const { settled, outcomes, cancelled } = progress;
    const completion = { completedAt, settled, outcomes, ...omitUndefined({ cancelled }) };
    const others = open.requests.filter((request) => request !== progress);
    const list = replacement(open, others);
    const Update = completing(store, key, { completion, retentionMs });
    const moved = await moveRequest(store, { Update }, list);
    // Refused: its own item is gone, and only the list still names it.
    const outcome = moved.kind === "refused" ? await replaceList(store, list) : moved;
    return outcome.kind === "stored" ? done(undefined) : { kind: "contended" };
  });
}

function completing(
  { tableName }: LedgerStore,
  { pipeline, requestId }: ReprocessKey,
  { completion, retentionMs }: { readonly completion: ReprocessCompletion; readonly retentionMs: number },
) {
  const values = {
    ...encodeCompletion(completion),
    [EXPIRY_ATTRIBUTE]: encodeExpiry(completion.completedAt + retentionMs),
  };
  const names = Object.keys(values);
  return {
    TableName: tableName,
    Key: requestKey(pipeline, requestId),
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
    ConditionExpression: "attribute_exists(#key)",
    ExpressionAttributeNames: { "#key": PARTITION_KEY, ...Object.fromEntries(names.map((name) => [`#${name}`, name])) },
    ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
  };
}
