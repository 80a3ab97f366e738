// DynamoDB manifest ledger
//
// The port of the writer of batch manifests, on the ledger's table. It reads what is there, and
// writes one item, whose key no other code writes.

import { LedgerUnavailableError } from "../core/errors.ts";
import type { ManifestLedger, ManifestProgress } from "../core/ledger/manifest-ledger.ts";
import type { DynamoDBCalls } from "./calls/dynamodb-calls.ts";
import { followsRevision } from "./conditional-write.ts";
import { boundedListing, chainListing, manifestProgressKey, requestListing } from "./items/attributes/keys.ts";
import {
  decodeManifestProgress,
  encodeManifestProgress,
  OPTIONAL_MANIFEST_ATTRIBUTES,
} from "./items/manifest-codec.ts";
import { type LedgerStore, listRanges, readItem, readLastRange, updateItem } from "./ledger-store.ts";
import { readOpenRequests } from "./open-requests.ts";
import { readPipeline } from "./pipelines.ts";
import { listReprocessRequests } from "./reprocess-requests.ts";

export interface DynamoDBManifestLedgerOptions {
  readonly tableName: string;
  /** A unique id for each write. */
  readonly newId: () => string;
}

export function createManifestLedger(
  calls: DynamoDBCalls,
  { tableName, newId }: DynamoDBManifestLedgerOptions,
): ManifestLedger {
  const store: LedgerStore = { calls, tableName, newId, random: Math.random, knownTables: new Map() };
  return {
    readPipeline: (pipeline) => readPipeline(store, pipeline),
    newestRange: (chain) => readLastRange(store, chainListing(chain)),
    newestBelow: (chain, untilOffset) => readLastRange(store, boundedListing(chain, { fromOffset: 0n, untilOffset })),
    rangesWithin: (chain, bounds) => listRanges(store, boundedListing(chain, bounds)),
    requestsRevision: async (pipeline) => (await readOpenRequests(store, pipeline)).revision,
    reprocessRequests: (pipeline) => listReprocessRequests(store, pipeline),
    reprocessRanges: (pipeline, requestId) => listRanges(store, requestListing(pipeline, requestId)),
    readManifestProgress: async (pipeline) => {
      const item = await readItem(store, manifestProgressKey(pipeline));
      return item === undefined ? { pipeline, revision: 0, waiting: [] } : decodeManifestProgress(item).progress;
    },
    writeManifestProgress: (progress) => writeProgress(store, progress),
  };
}

async function writeProgress(store: LedgerStore, progress: ManifestProgress): Promise<boolean> {
  const writeId = store.newId();
  const item = encodeManifestProgress({ progress, writeId });
  const state = { item, optional: OPTIONAL_MANIFEST_ATTRIBUTES };
  const outcome = await updateItem(store, state, followsRevision(progress.revision));
  switch (outcome.kind) {
    case "stored":
      return true;
    case "refused":
      // Its own write, whose answer was lost.
      return outcome.present !== undefined && decodeManifestProgress(outcome.present).writeId === writeId;
    case "contended":
      throw new LedgerUnavailableError(
        `another write was in the way of the manifests' progress of ${progress.pipeline}`,
      );
  }
}
