// Handler pair
//
// Both functions of a pipeline as Lambda runs them, on real brokers and tables:
// what the scheduler sends to Lambda is kept, for the processor to be invoked with.

import { encodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import { processorEnvironment, schedulerEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import { TICK_EVENT } from "../../../shared/wire/events/scheduler-event.ts";
import { processorRules } from "../builders/builders.ts";
import { SCHEDULER_ENVIRONMENT } from "../pipeline/scheduler-environment.ts";
import { serveFunction } from "./function-endpoint.ts";
import { type InvokedEnvironment, type InvokedHandler, invokeEnvironment, invokeHandler } from "./invoke-handler.ts";

export interface HandlerPairOptions {
  readonly bootstrapServers: string;
  readonly dynamodbEndpoint: string;
  readonly ledgerTable: string;
  readonly topic: string;
}

export type Variables = Readonly<Record<string, string>>;

interface ProcessOptions {
  /** JavaScript, of a function of the range. @default - reads it */
  readonly body?: string;
  /** The file of a shipped pipeline, whose handler is invoked instead. @default - none */
  readonly pipeline?: string;
  readonly variables?: Variables;
  readonly remainingMs?: number;
}

interface EnvironmentOptions extends ProcessOptions {
  /** Whether all are under way at once. @default one by one */
  readonly areAtOnce?: boolean;
}

export interface HandlerPair extends AsyncDisposable {
  /** @param event what the scheduler is invoked with; as its schedule does, where nothing is given */
  schedule(variables?: Variables, event?: object): Promise<InvokedHandler>;
  /** Processes a range that was dispatched. */
  process(event: string, options?: ProcessOptions): Promise<InvokedHandler>;
  /** The same for several, in one environment of the function. */
  processIn(events: readonly string[], options?: EnvironmentOptions): Promise<InvokedEnvironment>;
  /** Events that went to processors. */
  readonly dispatched: readonly string[];
  /** To which function each of them went. */
  readonly dispatchedTo: readonly string[];
}

const sources = (path: string) => JSON.stringify(new URL(`../../../functions/${path}`, import.meta.url).pathname);

/** Reads its range and has no outputs. */
const READ_ALL = "for await (const batch of range.batches()) void batch;";

export async function openHandlerPair(options: HandlerPairOptions): Promise<HandlerPair> {
  const dispatched: string[] = [];
  const dispatchedTo: string[] = [];
  const lambda = await serveFunction(async (event, functionName) => {
    dispatched.push(JSON.stringify(event));
    dispatchedTo.push(functionName);
  });
  const shared = {
    pipeline: "Orders",
    ledgerTable: options.ledgerTable,
    bootstrapServers: [options.bootstrapServers],
    securityProtocol: "PLAINTEXT" as const,
    retentionMs: 2_592_000_000,
  };
  const env = {
    AWS_ENDPOINT_URL: options.dynamodbEndpoint,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    POWERTOOLS_SERVICE_NAME: shared.pipeline,
  };
  const scheduler = {
    ...env,
    ...encodeEnvironment(schedulerEnvironment, {
      ...SCHEDULER_ENVIRONMENT,
      ...shared,
      topics: [options.topic],
      startingOffsets: "earliest",
    }),
  };
  const processor = {
    ...env,
    ...encodeEnvironment(processorEnvironment, { ...processorRules(), ...shared, requireConsecutiveOffsets: false }),
  };
  return {
    dispatched,
    dispatchedTo,
    schedule: (variables, event = TICK_EVENT) =>
      invokeHandler({
        source: `const { handler } = await import(${sources("scheduler/handler.ts")});`,
        env: { ...scheduler, ...variables },
        event: JSON.stringify(event),
      }),
    process: (event, { body, pipeline, variables, ...rest } = {}) =>
      invokeHandler({ source: processorOf(body, pipeline), env: { ...processor, ...variables }, event, ...rest }),
    processIn: (events, { body, pipeline, variables, ...rest } = {}) =>
      invokeEnvironment({ source: processorOf(body, pipeline), env: { ...processor, ...variables }, events, ...rest }),
    [Symbol.asyncDispose]: () => lambda[Symbol.asyncDispose](),
  };
}

function processorOf(body = READ_ALL, pipeline?: string): string {
  if (pipeline !== undefined) {
    return `const { handler } = await import(${sources(`pipelines/${pipeline}`)});`;
  }
  return `const { createRangeProcessor } = await import(${sources("processor/create-range-processor.ts")});
    const handler = createRangeProcessor({ process: async (range) => { ${body} } });`;
}
