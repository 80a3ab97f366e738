// What releases meet each other by: the ledger's items, and the message from the
// scheduler's function to the processor's.

/* biome-ignore lint/performance/noBarrelFile: it is the entry of one bundle. */
export { decodeRange, encodeRange } from "../../shared/dynamodb/items/item-codec.ts";
export { decodePipeline, encodePipeline } from "../../shared/dynamodb/items/pipeline-codec.ts";
export { decodeRequest, encodeRequest } from "../../shared/dynamodb/items/request-codec.ts";
export { createDynamoDBRangeLedger } from "../../shared/dynamodb/sdk-range-ledger.ts";
export { decodeRangeMessage, encodeRangeMessage } from "../../shared/wire/events/range-message.ts";
