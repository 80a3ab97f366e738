// Processor function: what turns a pipeline's code into a Lambda handler. Middy
// chain and wiring; what one attempt does is process-attempts.ts.

import { randomUUID } from "node:crypto";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import middy from "@middy/core";
import type { RangeLedger } from "../../shared/core/ledger/range-ledger.ts";
import { withoutOutputs } from "../../shared/core/ledger/without-outputs.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import {
  aFunction,
  anObjectWith,
  type OptionRules,
  required,
  requireOptions,
} from "../../shared/core/options/require-options.ts";
import type { RangeOutput } from "../../shared/core/output/range-output.ts";
import { createSignedDynamoDB } from "../../shared/dynamodb/calls/signed-calls.ts";
import { createRangeLedger } from "../../shared/dynamodb/range-ledger.ts";
import { createKafkaOffsetSource } from "../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../shared/kafka/read/range-reader.ts";
import { decodeProcessorEvent } from "../../shared/wire/events/processor-event.ts";
import { toJson } from "../../shared/wire/json/json.ts";
import { awsAccessOf, DYNAMODB } from "../aws-access.ts";
import { kafkaConnectionOf } from "../connecting/kafka-connection.ts";
import { createLogger } from "../create-logger.ts";
import { createEndpointCheck } from "../endpoint-check.ts";
import { fromMiddy } from "../from-middy.ts";
import type { InvocationContext, LambdaHandler } from "../lambda-handler.ts";
import { logPhases } from "../log-phases.ts";
import { reportThrottle } from "../report-throttle.ts";
import { startHandler } from "../start-handler.ts";
import { outliveCode, watchCode } from "./attempt/watch-code.ts";
import { openDeadLetters } from "./letters/open-dead-letters.ts";
import { invocationOf, stampLetters } from "./letters/stamp-letters.ts";
import { openInvocation } from "./open-invocation.ts";
import { answerDirect, type DirectDeps } from "./process-direct.ts";
import { readProcessorConfig } from "./processor-config.ts";
import { createRackFinder } from "./rack-id.ts";
import { reportForeign } from "./report-foreign.ts";
import { reportOutcomes } from "./report-outcome.ts";
import { answerOf, runProcessor } from "./run-processor.ts";
import type { ProcessFunction } from "./session/processing-range.ts";

/** What of a processor is a pipeline's own. */
export interface RangeProcessorOptions<Output = TransactWriteItem> {
  /** Runs once per attempt at a range. What it writes is what the output takes: without one, items of a DynamoDB transaction. */
  readonly process: ProcessFunction<Output>;
  /**
   * Names of the environment variables that the code reads, by requireVariable: the function does not start where one
   * is not set.
   * @default - none
   */
  readonly variables?: readonly string[];
}

/** Of a pipeline that writes elsewhere. */
export interface OutputRangeProcessorOptions<Output> extends RangeProcessorOptions<Output> {
  /** Where what `process` writes goes, instead of to DynamoDB in one transaction with the range's progress. */
  readonly output: RangeOutput<Output>;
}

/** A function's handler, with the code that it runs for tests of it. */
export interface RangeProcessor<Output = TransactWriteItem> extends LambdaHandler {
  readonly process: ProcessFunction<Output>;
}

/** One whose outputs go to a store of their own. */
export interface OutputRangeProcessor<Output> extends RangeProcessor<Output> {
  /** As it was given. */
  readonly output: RangeOutput<Output>;
}

const RULES: OptionRules<OutputRangeProcessorOptions<unknown>> = {
  process: required(aFunction("a function of the range")),
  variables: {
    expected: "an array of names of variables",
    takes: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
  },
  output: anObjectWith(["open"], "an output, as s3Archive(…), kafkaOutput(…) or postgresOutput(…) makes it"),
};

/**
 * Throws ConfigurationError for options that are none, and where Lambda loads it also at once when the function's
 * environment is wrong; elsewhere, as in tests, the environment is read at the first invocation.
 */
export function createRangeProcessor<Output>(
  options: OutputRangeProcessorOptions<Output>,
): OutputRangeProcessor<Output>;
/** The same, without an output of its own. Stands second: the one before it takes the types of its `process` from its output. */
export function createRangeProcessor(options: RangeProcessorOptions): RangeProcessor;
export function createRangeProcessor<Output>(
  options: RangeProcessorOptions<Output> | OutputRangeProcessorOptions<Output>,
): RangeProcessor<Output> {
  requireOptions("createRangeProcessor", options, RULES);
  const { process } = options;
  const output = "output" in options ? options.output : undefined;
  return Object.assign(
    startHandler(() => openProcessor(options, output)),
    { process, ...omitUndefined({ output }) },
  );
}

function openProcessor<Output>(
  { process, variables }: RangeProcessorOptions<Output>,
  output: RangeOutput<Output> | undefined,
): LambdaHandler {
  const config = readProcessorConfig(variables);
  const { pipeline, ledgerTable, requireConsecutiveOffsets } = config;
  const logger = createLogger(pipeline);
  const metrics = new Metrics({ defaultDimensions: { pipeline } });
  const rackId = createRackFinder(config.rackId, logger);
  const newId = () => randomUUID();
  const kafka = kafkaConnectionOf(config, "processor", (line) => logger.info(line));
  const dynamodb = createSignedDynamoDB(awsAccessOf(DYNAMODB));
  const requireEndpoints = createEndpointCheck([{ service: "dynamodb", url: dynamodb.endpoint }]);
  const letters = openDeadLetters(config, kafka);
  const ledger = createRangeLedger(dynamodb, { tableName: ledgerTable, pipeline, newId });
  const shared = {
    // Without an output, what the code writes is what the ledger's transactions take (RangeProcessorOptions).
    ledger: output === undefined ? (ledger as RangeLedger<unknown> as RangeLedger<Output>) : withoutOutputs(ledger),
    ...omitUndefined({ output }),
    // Connects only for a range that comes without the scheduler.
    source: createKafkaOffsetSource(kafka),
    reader: createKafkaRangeReader({ ...kafka, requireConsecutiveOffsets, rackId }),
    ...logPhases(logger),
    newId,
    now: () => Date.now(),
    random: () => Math.random(),
  };
  const handler = middy()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .onError(({ error }) => reportForeign(logger, error))
    .handler(async (event: unknown, context: InvocationContext) => {
      const decoded = decodeProcessorEvent(event);
      await requireEndpoints();
      using invocation = openInvocation(context);
      const code = watchCode(process);
      const onKept = () => metrics.addMetric("DeadLettersKept", MetricUnit.Count, 1);
      // What brokers tell other invocations in this environment to wait is theirs.
      const deps = { ...shared, source: shared.source.apart(), reader: shared.reader.apart() };
      const stamp = { invocation: invocationOf(context), now: deps.now, onKept };
      const deadLetters = letters === undefined ? {} : { deadLetters: stampLetters(letters, stamp) };
      try {
        const { dispatch, outcomes, request } = await runProcessor(
          { ...deps, ...deadLetters, context, process: code.process },
          config,
          decoded,
          invocation,
        );
        reportThrottle(logger, metrics, throttleTimeOf(deps), kafka.clientId);
        reportOutcomes(logger, metrics, dispatch.record, outcomes);
        return toJson(answerOf(outcomes, request === undefined ? undefined : await answerDirect(deps, request)));
      } finally {
        await outliveCode(code, () => {
          logger.error(
            "the code goes on although its range was handed back; unless it heeds range.signal, the time-out ends it",
          );
          metrics.publishStoredMetrics();
        });
      }
    });
  return fromMiddy(handler);
}

function throttleTimeOf({ source, reader }: Pick<DirectDeps<never>, "source" | "reader">): number {
  return source.throttleTimeMs + reader.throttleTimeMs;
}
