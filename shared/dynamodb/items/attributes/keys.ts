// Keys
//
// One table for any number of pipelines; everything is found by Query, nothing
// by Scan.
//
//   live range     v1#<pipeline>#<topicId>#<partition>      <fromOffset>
//   reprocessed    v1#<pipeline>#reprocess#<requestId>      <topicId>#<partition>#<fromOffset>
//   request        v1#<pipeline>#requests                   <requestId>
//   open requests  v1#<pipeline>#open                       requests
//   manifests      v1#<pipeline>#manifests                  progress
//   pipeline       v1#pipelines                             <pipeline>
//
// Numbers in a sort key are padded, so that the key's order is theirs.

import assert from "node:assert/strict";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { quote } from "../../../core/bounded-text.ts";
import { ConfigurationError, LedgerIntegrityError } from "../../../core/errors.ts";
import { isLedgerName, LEDGER_NAME_RULE } from "../../../core/ledger/ledger-name.ts";
import {
  manifestsKey,
  PARTITION_KEY,
  PIPELINES_KEY,
  pipelineKeyPrefix,
  SORT_KEY,
} from "../../../core/ledger/ledger-table.ts";
import type { ChainKey, RangeRecord } from "../../../core/range/range-record.ts";

export type Item = Record<string, AttributeValue>;

/** The items of one partition key, in sort key order; only those that begin with `prefix` where it is given. */
export interface Listing {
  readonly partitionKey: string;
  readonly prefix?: string;
  /** Both inclusive; instead of a prefix. */
  readonly between?: readonly [first: string, last: string];
}

const topicIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const livePattern = /^v1#([^#]+)#([0-9a-f-]{36})#(\d+)$/;
const reprocessPattern = /^v1#([^#]+)#reprocess#([^#]+)$/;
const reprocessSortPattern = /^([0-9a-f-]{36})#(\d{10})#(\d{19})$/;

export function rangeKey({ chain, fromOffset }: Pick<RangeRecord, "chain" | "fromOffset">): Item {
  const { partitionKey, prefix = "" } = chainListing(chain);
  return itemKey(partitionKey, `${prefix}${pad(fromOffset, 19)}`);
}

export function chainListing({ pipeline, topicId, partition, requestId }: ChainKey): Listing {
  assert.match(topicId, topicIdPattern, `topicId ${topicId} is not a lower-case UUID`);
  return requestId === undefined
    ? { partitionKey: `${prefixOf(pipeline)}${topicId}#${partition}` }
    : { ...requestListing(pipeline, requestId), prefix: `${topicId}#${pad(partition, 10)}#` };
}

/** The ranges of a chain that begin in [fromOffset, untilOffset), which is not empty. */
export function boundedListing(
  chain: ChainKey,
  { fromOffset, untilOffset }: { readonly fromOffset: bigint; readonly untilOffset: bigint },
): Listing {
  const { partitionKey, prefix = "" } = chainListing(chain);
  return { partitionKey, between: [`${prefix}${pad(fromOffset, 19)}`, `${prefix}${pad(untilOffset - 1n, 19)}`] };
}

/** All ranges of a reprocess request. */
export function requestListing(pipeline: string, requestId: string): Listing {
  return { partitionKey: `${prefixOf(pipeline)}reprocess#${checked(requestId, "requestId")}` };
}

export function requestsListing(pipeline: string): Listing {
  return { partitionKey: `${prefixOf(pipeline)}requests` };
}

export function requestKey(pipeline: string, requestId: string): Item {
  return itemKey(requestsListing(pipeline).partitionKey, checked(requestId, "requestId"));
}

/** What is known of all requests that are not completed. */
export function openRequestsKey(pipeline: string): Item {
  return itemKey(`${prefixOf(pipeline)}open`, "requests");
}

/** How far the writer of batch manifests is. */
export function manifestProgressKey(pipeline: string): Item {
  return itemKey(manifestsKey(checked(pipeline, "pipeline")), "progress");
}

export const pipelinesListing: Listing = { partitionKey: PIPELINES_KEY };

export function pipelineKey(pipeline: string): Item {
  return itemKey(pipelinesListing.partitionKey, checked(pipeline, "pipeline"));
}

/** What a range's key says; throws LedgerIntegrityError for any other key. */
export function decodeRangeKey(partitionKey: string, sortKey: string): Pick<RangeRecord, "chain" | "fromOffset"> {
  const [, pipeline, topicId, partition] = livePattern.exec(partitionKey) ?? [];
  if (pipeline !== undefined && topicId !== undefined && /^\d{19}$/.test(sortKey)) {
    return { chain: { pipeline, topicId, partition: Number(partition) }, fromOffset: BigInt(sortKey) };
  }
  const [, owner, requestId] = reprocessPattern.exec(partitionKey) ?? [];
  const [, ofTopicId, ofPartition, fromOffset] = reprocessSortPattern.exec(sortKey) ?? [];
  if (owner !== undefined && requestId !== undefined && ofTopicId !== undefined && fromOffset !== undefined) {
    const chain = { pipeline: owner, topicId: ofTopicId, partition: Number(ofPartition), requestId };
    return { chain, fromOffset: BigInt(fromOffset) };
  }
  throw new LedgerIntegrityError(`the key ${partitionKey} / ${sortKey} is not a range's`);
}

function prefixOf(pipeline: string): string {
  return pipelineKeyPrefix(checked(pipeline, "pipeline"));
}

function itemKey(partitionKey: string, sortKey: string): Item {
  return { [PARTITION_KEY]: { S: partitionKey }, [SORT_KEY]: { S: sortKey } };
}

function pad(value: bigint | number, digits: number): string {
  return value.toString().padStart(digits, "0");
}

function checked(name: string, what: "pipeline" | "requestId"): string {
  if (!isLedgerName(name)) {
    throw new ConfigurationError(`${what} ${quote(name)} cannot be a ledger key; use ${LEDGER_NAME_RULE}`);
  }
  return name;
}
