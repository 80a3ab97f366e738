// Processor function: what turns a pipeline's code into a Lambda handler. Middy
// chain and wiring; what one attempt does is process-range.ts.

import { randomUUID } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { createDynamoDBClient } from "../../shared/dynamodb/client.ts";
import { createDynamoDBRangeLedger } from "../../shared/dynamodb/range-ledger.ts";
import { createKafkaRangeReader } from "../../shared/kafka/range-reader.ts";
import { toJson } from "../../shared/wire/json.ts";
import { decodeRangeMessage } from "../../shared/wire/range-message.ts";
import { readProcessorConfig } from "./config.ts";
import { openInvocation } from "./open-invocation.ts";
import { type ProcessorDeps, processAttempts } from "./process-range.ts";
import type { ProcessFunction } from "./processing-range.ts";
import { findRackId } from "./rack-id.ts";
import { reportOutcomes } from "./report-outcome.ts";

export interface RangeProcessorOptions {
  /** Runs once per attempt at a range; outputs are items of a DynamoDB transaction. */
  readonly process: ProcessFunction<TransactWriteItem>;
}

/** Throws ConfigurationError at cold start when the function's environment is wrong. */
export function createRangeProcessor({ process }: RangeProcessorOptions) {
  const config = readProcessorConfig();
  const { pipeline, bootstrapServers, securityProtocol, ledgerTable, requireConsecutiveOffsets } = config;
  const logger = new Logger({ persistentKeys: { pipeline } });
  const metrics = new Metrics({ defaultDimensions: { pipeline } });
  const rackId = findRackId(config.rackId, logger);
  const deps: ProcessorDeps<TransactWriteItem> = {
    ledger: createDynamoDBRangeLedger(createDynamoDBClient(), { tableName: ledgerTable, newId: () => randomUUID() }),
    reader: createKafkaRangeReader({
      clientId: `${pipeline}-processor`,
      bootstrapServers,
      requireConsecutiveOffsets,
      rackId: () => rackId,
      ...(securityProtocol === "SSL" ? { ssl: true } : {}),
    }),
    process,
    now: () => Date.now(),
    random: () => Math.random(),
  };
  return middy()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(async (event: unknown, context: Context) => {
      const dispatch = decodeRangeMessage(event);
      using invocation = openInvocation(context);
      const outcomes = await processAttempts(deps, config, dispatch, invocation);
      reportOutcomes(logger, metrics, dispatch.record, outcomes);
      return toJson({ kind: outcomes.at(-1)?.kind });
    });
}
