import { ConditionalCheckFailedException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { LedgerIntegrityError, LedgerUnavailableError } from "../core/errors.ts";
import { EXPIRY_ATTRIBUTE, PARTITION_KEY } from "../core/ledger-table.ts";
import { MAX_CHANGE_TRIES } from "../core/limits.ts";
import type { ReprocessRequest } from "../core/range-ledger.ts";
import { encodeExpiry, number } from "./item-codec.ts";
import { requestKey, requestsListing } from "./keys.ts";
import { translateLedgerError } from "./ledger-errors.ts";
import { type LedgerStore, pauseAfterContention, putItem, queryItems, readItem } from "./ledger-store.ts";
import { decodeRequest, encodeRequest } from "./request-codec.ts";

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
  const item = encodeRequest(request);
  const isFree = { expression: "attribute_not_exists(#key)", names: { "#key": PARTITION_KEY } };
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const outcome = await putItem(store, item, isFree);
    if (outcome.kind === "stored") {
      return request;
    }
    if (outcome.kind === "refused") {
      if (outcome.present === undefined) {
        throw new LedgerIntegrityError(`table ${store.tableName} refused a request without the one in its way`);
      }
      return decodeRequest(outcome.present);
    }
    await pauseAfterContention(store, tries);
  }
  throw new LedgerUnavailableError(`other writes were in the way of reprocess request ${request.requestId}`);
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
  { client, tableName }: LedgerStore,
  { pipeline, requestId }: ReprocessRequest,
  { completedAt, retentionMs }: { readonly completedAt: number; readonly retentionMs: number },
): Promise<void> {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: requestKey(pipeline, requestId),
        UpdateExpression: "SET #completedAt = :completedAt, #expiresAt = :expiresAt",
        ConditionExpression: "attribute_exists(#key) AND attribute_not_exists(#completedAt)",
        ExpressionAttributeNames: {
          "#key": PARTITION_KEY,
          "#completedAt": "completedAt",
          "#expiresAt": EXPIRY_ATTRIBUTE,
        },
        ExpressionAttributeValues: {
          ":completedAt": number(completedAt),
          ":expiresAt": encodeExpiry(completedAt + retentionMs),
        },
      }),
    );
  } catch (error) {
    // Completed before, or forgotten since: either way there is nothing to mark.
    if (!(error instanceof ConditionalCheckFailedException)) {
      throw translateLedgerError(error, `complete a reprocess request in table ${tableName}`);
    }
  }
}
