// DynamoDB range ledger
//
// The ledger's port on one DynamoDB table. What may happen to a record is
// range-status.ts; here it is only stored, under the condition that the record is
// still the one that was seen. Outputs are the transaction's own items.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { createPipelineLedger } from "../core/ledger/pipeline-ledger.ts";
import type { RangeLedger } from "../core/ledger/range-ledger.ts";
import type { DynamoDBCalls } from "./calls/dynamodb-calls.ts";
import { changeRange } from "./change-range.ts";
import { boundedListing, chainListing, requestListing } from "./items/attributes/keys.ts";
import { type LedgerStore, listRanges, readLastRange } from "./ledger-store.ts";
import { changeOpenRequest, readOpenRequests } from "./open-requests.ts";
import { listPipelines, readPipeline, writePipeline } from "./pipelines.ts";
import { planRange } from "./plan-range.ts";
import { completeReprocess, listReprocessRequests, readReprocess, requestReprocess } from "./reprocess-requests.ts";
import { splitRange } from "./split-range.ts";

export interface DynamoDBRangeLedgerOptions {
  readonly tableName: string;
  /**
   * Whose keys alone may be read and written (L7).
   * @default - any pipeline's
   */
  readonly pipeline?: string | undefined;
  /** A unique id for each write. */
  readonly newId: () => string;
  /**
   * Uniform in [0, 1).
   * @default Math.random
   */
  readonly random?: () => number;
}

export function createRangeLedger(
  calls: DynamoDBCalls,
  { tableName, pipeline, newId, random = Math.random }: DynamoDBRangeLedgerOptions,
): RangeLedger<TransactWriteItem> {
  const ledger = createTableLedger({ calls, tableName, newId, random, knownTables: new Map() });
  return pipeline === undefined ? ledger : createPipelineLedger(ledger, pipeline);
}

function createTableLedger(store: LedgerStore): RangeLedger<TransactWriteItem> {
  return {
    newestRange: (chain) => readLastRange(store, chainListing(chain)),
    planRange: (record) => planRange(store, record),
    changeRange: (seen, event, outputs = []) => changeRange(store, seen, event, outputs),
    splitRange: (seen, split) => splitRange(store, seen, split),
    ranges: (chain) => listRanges(store, chainListing(chain)),
    rangesWithin: (chain, bounds) => listRanges(store, boundedListing(chain, bounds)),

    pipelines: () => listPipelines(store),
    readPipeline: (pipeline) => readPipeline(store, pipeline),
    writePipeline: (record) => writePipeline(store, record),

    readReprocess: (pipeline, requestId) => readReprocess(store, pipeline, requestId),
    requestReprocess: (request) => requestReprocess(store, request),
    reprocessRequests: (pipeline) => listReprocessRequests(store, pipeline),
    openReprocesses: async (pipeline) => (await readOpenRequests(store, pipeline)).requests,
    changeReprocess: (pipeline, requestId, change) => changeOpenRequest(store, { pipeline, requestId }, change),
    completeReprocess: (request, completedAt, retentionMs) =>
      completeReprocess(store, request, { completedAt, retentionMs }),
    reprocessRanges: (pipeline, requestId) => listRanges(store, requestListing(pipeline, requestId)),
  };
}
