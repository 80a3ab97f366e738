// Create scheduler: what makes the scheduler function, with a pipeline's own strategy
// or without. Middy chain and wiring; what one run does is run-scheduler.ts.

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { aFunction, requireOptions } from "../../shared/core/options/require-options.ts";
import { createSignedDynamoDB, type SignedDynamoDB } from "../../shared/dynamodb/calls/signed-calls.ts";
import { createRangeLedger } from "../../shared/dynamodb/range-ledger.ts";
import type { KafkaOptions } from "../../shared/kafka/connection/kafka-options.ts";
import { createKafkaGroupOffsets } from "../../shared/kafka/groups/group-offsets.ts";
import { createKafkaOffsetSource } from "../../shared/kafka/offsets/offset-source.ts";
import { createLambdaRangeDispatcher } from "../../shared/lambda/range-dispatcher.ts";
import { createSignedInvoker, type SignedInvoker } from "../../shared/lambda/signed-invoker.ts";
import type { SchedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { encodeRangeMessage } from "../../shared/wire/events/range-message.ts";
import { decodeSchedulerEvent } from "../../shared/wire/events/scheduler-event.ts";
import { toJson } from "../../shared/wire/json/json.ts";
import { awsAccessOf, DYNAMODB, LAMBDA } from "../aws-access.ts";
import { kafkaConnectionOf } from "../connecting/kafka-connection.ts";
import { createLogger } from "../create-logger.ts";
import { createEndpointCheck } from "../endpoint-check.ts";
import { fromMiddy } from "../from-middy.ts";
import type { LambdaHandler } from "../lambda-handler.ts";
import { logPhases } from "../log-phases.ts";
import { reportThrottle } from "../report-throttle.ts";
import { startHandler } from "../start-handler.ts";
import { answerOf } from "./answer-outcome.ts";
import { answerRefusal } from "./answer-refusal.ts";
import type { SourceStrategy } from "./deps/scheduler-deps.ts";
import { createFrontierCommitter } from "./frontier/commit-frontier.ts";
import { reportOutcome } from "./report-outcome.ts";
import { runScheduler } from "./run-scheduler.ts";
import { readSchedulerConfig } from "./scheduler-config.ts";

/** What of a scheduler is a pipeline's own. */
export interface SchedulerOptions {
  /**
   * Selects what to read, in each run.
   * @default - what the environment selects
   */
  readonly strategy?: SourceStrategy;
}

/**
 * Where Lambda loads it, it throws ConfigurationError at once when the function's environment is wrong; elsewhere, as
 * in tests, the environment is read at the first invocation.
 */
export function createScheduler(options: SchedulerOptions = {}): LambdaHandler {
  requireOptions("createScheduler", options, { strategy: aFunction("a function that selects what to read") });
  return startHandler(() => openScheduler(options));
}

function openScheduler({ strategy }: SchedulerOptions): LambdaHandler {
  const { environment, rules } = readSchedulerConfig();
  requireSelection(environment, strategy);
  const { pipeline } = environment;
  const logger = createLogger(pipeline);
  const metrics = new Metrics({ defaultDimensions: { pipeline } });
  const kafka = kafkaConnectionOf(environment, "scheduler", (line) => logger.info(line));
  const dynamodb = createSignedDynamoDB(awsAccessOf(DYNAMODB));
  const lambda = createSignedInvoker(awsAccessOf(LAMBDA));
  const requireEndpoints = createEndpointCheck([
    { service: "dynamodb", url: dynamodb.endpoint },
    { service: "lambda", url: lambda.endpoint },
  ]);
  const shared = {
    ...schedulerDeps(environment, { kafka, dynamodb, lambda }),
    ...logPhases(logger),
    ...omitUndefined({ strategy }),
  };
  const handler = middy()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler((event: unknown) =>
      answerRefusal(event, logger, async () => {
        await requireEndpoints();
        const deps = { ...shared, source: shared.source.apart() };
        const outcome = await runScheduler(deps, rules, decodeSchedulerEvent(event));
        reportThrottle(logger, metrics, deps.source.throttleTimeMs, kafka.clientId);
        if (outcome.isDryRun !== true) {
          reportOutcome(logger, metrics, outcome, deps.now());
        }
        return toJson(answerOf(outcome));
      }),
    );
  return fromMiddy(handler);
}

/** The stack says whether it was given a strategy: a bundle of another entry must not read something else. */
function requireSelection({ strategy: isExpected = false }: SchedulerEnvironment, strategy?: SourceStrategy): void {
  if (isExpected !== (strategy !== undefined)) {
    throw new ConfigurationError(
      isExpected
        ? "RANGES_STRATEGY is true but the scheduler has no strategy; export handler = createScheduler({ strategy }) from strategyEntry"
        : "the scheduler has a strategy but RANGES_STRATEGY is not true; deploy it as strategyEntry",
    );
  }
}

/** What the adapters are made of. */
interface Clients {
  readonly kafka: KafkaOptions;
  readonly dynamodb: SignedDynamoDB;
  readonly lambda: SignedInvoker;
}

function schedulerDeps(environment: SchedulerEnvironment, { kafka, dynamodb, lambda }: Clients) {
  const { pipeline, ledgerTable, processorFunction, variants = {}, commitGroupId } = environment;
  const newId = () => randomUUID();
  const now = () => Date.now();
  return {
    ...(commitGroupId === undefined
      ? {}
      : { commitFrontier: createFrontierCommitter(createKafkaGroupOffsets(kafka, commitGroupId), now) }),
    source: createKafkaOffsetSource(kafka),
    ledger: createRangeLedger(dynamodb, { tableName: ledgerTable, pipeline, newId }),
    dispatcher: createLambdaRangeDispatcher({
      invoker: lambda,
      functionName: processorFunction,
      variants: new Map(Object.entries(variants).map(([name, one]) => [name, one.function])),
      encode: encodeRangeMessage,
    }),
    now,
    newId,
    spread: {
      perSecond: environment.dispatchesPerSecond,
      // MSK refuses the connections by IAM that come faster: 100 a second and broker, 4 of a t3.small.
      // https://docs.aws.amazon.com/msk/latest/developerguide/limits.html
      isStrict: environment.saslMechanism === "AWS_MSK_IAM",
      random: Math.random,
      pause: setTimeout,
    },
  };
}
