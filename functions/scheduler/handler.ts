// Scheduler function: middy chain and wiring. What it does is run-scheduler.ts.

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { createDynamoDBClient } from "../../shared/dynamodb/client.ts";
import { createDynamoDBRangeLedger } from "../../shared/dynamodb/range-ledger.ts";
import { createKafkaOffsetSource } from "../../shared/kafka/offset-source.ts";
import { createLambdaClient } from "../../shared/lambda/client.ts";
import { createLambdaRangeDispatcher } from "../../shared/lambda/range-dispatcher.ts";
import { toJson } from "../../shared/wire/json.ts";
import { encodeRangeMessage } from "../../shared/wire/range-message.ts";
import { decodeSchedulerEvent } from "../../shared/wire/scheduler-event.ts";
import { kafkaConnectionOf } from "../kafka-connection.ts";
import { readSchedulerConfig } from "./config.ts";
import { reportOutcome } from "./report-outcome.ts";
import { runScheduler } from "./run-scheduler.ts";
import type { SchedulerDeps } from "./scheduler-deps.ts";

const { environment, rules } = readSchedulerConfig();
const { pipeline, ledgerTable, processorFunction } = environment;
const logger = new Logger({ persistentKeys: { pipeline } });
const metrics = new Metrics({ defaultDimensions: { pipeline } });
const newId = () => randomUUID();

const deps: SchedulerDeps = {
  source: createKafkaOffsetSource({ clientId: `${pipeline}-scheduler`, ...kafkaConnectionOf(environment) }),
  ledger: createDynamoDBRangeLedger(createDynamoDBClient(), { tableName: ledgerTable, newId }),
  dispatcher: createLambdaRangeDispatcher({
    client: createLambdaClient(),
    functionName: processorFunction,
    encode: encodeRangeMessage,
  }),
  now: () => Date.now(),
  newId,
  spread: { perSecond: environment.dispatchesPerSecond, random: Math.random, pause: setTimeout },
};

export const handler = middy()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async (event: unknown) => {
    const outcome = await runScheduler(deps, rules, decodeSchedulerEvent(event));
    reportOutcome(logger, metrics, outcome, deps.now());
    return toJson(outcome);
  });
