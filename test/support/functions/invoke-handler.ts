// Invoke handler
//
// One of the functions as Lambda runs it: in a process of its own, with the
// variables of its stack, its log read from what the process prints. One process may
// be invoked again and again, as a warm environment is, or several times at once, as
// one of Lambda Managed Instances.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

interface Environment {
  /** JavaScript that makes `handler`, with absolute paths. */
  readonly source: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What an invocation has left when it begins. @default 30_000 */
  readonly remainingMs?: number;
}

export interface HandlerInvocation extends Environment {
  /** JSON. */
  readonly event: string;
}

export interface EnvironmentInvocations extends Environment {
  /** JSON, each. */
  readonly events: readonly string[];
  /** Whether all are under way at once, each with a request id of its own, `request-0` and so on. @default one by one */
  readonly areAtOnce?: boolean;
}

/** A line of Powertools: of its logger, or of its metrics with `_aws` and each value by its name. */
export interface LogEntry {
  readonly level?: string;
  readonly message?: string;
  readonly _aws?: object;
}

interface Logged {
  /** Each line that the function printed, as CloudWatch gets it. */
  readonly lines: readonly string[];
  /** Those that are JSON. */
  readonly entries: readonly LogEntry[];
}

interface Answer {
  readonly result?: unknown;
  readonly thrown?: { readonly name: string; readonly message: string };
}

export interface InvokedHandler extends Logged, Answer {}

export interface InvokedEnvironment extends Logged {
  /** Of each event, in order. */
  readonly answers: readonly Answer[];
}

/** As long as CloudFormation makes them: names are a good part of each line. */
const FUNCTION_NAME = "KafkaOffsetRanges-WordCountProcessorFunction8F507CFC-q3ZxYw0aBcD";

const ANSWER_MARK = "answer: ";

const REQUEST_ID = "8f507cfc-xmpl-4697-b07a-ac58fc914c95";

/** Lambda's runtime makes its store before the function's own code is loaded, and runs each invocation in it. */
function scriptOf({ source, remainingMs = 30_000, areAtOnce = false }: Omit<EnvironmentInvocations, "events">): string {
  return `
const { InvokeStore } = await import("@aws/lambda-invoke-store");
const store = await InvokeStore.getInstanceAsync();
const { REQUEST_ID } = (await import("@aws/lambda-invoke-store")).InvokeStoreBase.PROTECTED_KEYS;
${source}
const events = JSON.parse(await (await import("node:stream/consumers")).text(process.stdin));
const invoke = (event, index) => {
  const awsRequestId = ${areAtOnce} ? "request-" + index : "${REQUEST_ID}";
  const context = { awsRequestId, functionName: "${FUNCTION_NAME}", memoryLimitInMB: "1769",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:${FUNCTION_NAME}", getRemainingTimeInMillis: () => ${remainingMs} };
  return store.run({ [REQUEST_ID]: awsRequestId }, () => handler(event, context)).then(
    (result) => ({ result }),
    ({ name, message }) => ({ thrown: { name, message } }),
  );
};
const answers = ${areAtOnce} ? await Promise.all(events.map(invoke)) : await events.reduce(
  async (before, event, index) => [...await before, await invoke(event, index)], []);
process.stdout.write("\\n${ANSWER_MARK}" + JSON.stringify(answers) + "\\n", () => process.exit(0));
`;
}

export async function invokeHandler({ event, ...environment }: HandlerInvocation): Promise<InvokedHandler> {
  const { answers, ...logged } = await invokeEnvironment({ ...environment, events: [event] });
  return { ...logged, ...answers[0] };
}

export async function invokeEnvironment(invocations: EnvironmentInvocations): Promise<InvokedEnvironment> {
  const { env, events, areAtOnce = false } = invocations;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", scriptOf(invocations)], {
    env: {
      PATH: process.env["PATH"],
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_LAMBDA_FUNCTION_NAME: FUNCTION_NAME,
      POWERTOOLS_METRICS_NAMESPACE: "KafkaOffsetRanges",
      _X_AMZN_TRACE_ID: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1",
      // As Lambda Managed Instances announces it.
      ...(areAtOnce ? { AWS_LAMBDA_MAX_CONCURRENCY: String(events.length) } : {}),
      ...env,
    },
  });
  child.stdin.end(`[${events.join()}]`);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const printed = `${stdout}\n${stderr}`.split("\n").filter((line) => line !== "");
  const answer = printed.find((line) => line.startsWith(ANSWER_MARK));
  if (answer === undefined) {
    throw new Error(`the handler did not answer: ${printed.join("\n").slice(0, 2_000)}`);
  }
  const lines = printed.filter((line) => line !== answer);
  const entries: readonly LogEntry[] = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return { lines, entries, answers: JSON.parse(answer.slice(ANSWER_MARK.length)) };
}
