// Invoke handler
//
// One of the functions as Lambda runs it: in a process of its own, with the
// variables of its stack, its log read from what the process prints.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface HandlerInvocation {
  /** JavaScript that makes `handler`, with absolute paths. */
  readonly source: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** JSON. */
  readonly event: string;
  /** What the invocation has left when it begins. @default 30_000 */
  readonly remainingMs?: number;
}

/** A line of Powertools: of its logger, or of its metrics with `_aws` and each value by its name. */
export interface LogEntry {
  readonly level?: string;
  readonly message?: string;
  readonly _aws?: object;
}

export interface InvokedHandler {
  /** Each line that the function printed, as CloudWatch gets it. */
  readonly lines: readonly string[];
  /** Those that are JSON. */
  readonly entries: readonly LogEntry[];
  readonly result?: unknown;
  readonly thrown?: { readonly name: string; readonly message: string };
}

/** As long as CloudFormation makes them: names are a good part of each line. */
const FUNCTION_NAME = "KafkaOffsetRanges-WordCountProcessorFunction8F507CFC-q3ZxYw0aBcD";

const ANSWER_MARK = "answer: ";

function scriptOf({ source, remainingMs = 30_000 }: HandlerInvocation): string {
  return `
${source}
const event = JSON.parse(await (await import("node:stream/consumers")).text(process.stdin));
const context = { awsRequestId: "8f507cfc-xmpl-4697-b07a-ac58fc914c95", functionName: "${FUNCTION_NAME}", memoryLimitInMB: "1769",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:${FUNCTION_NAME}", getRemainingTimeInMillis: () => ${remainingMs} };
const answer = await handler(event, context).then(
  (result) => ({ result }),
  ({ name, message }) => ({ thrown: { name, message } }),
);
process.stdout.write("\\n${ANSWER_MARK}" + JSON.stringify(answer) + "\\n", () => process.exit(0));
`;
}

export async function invokeHandler(invocation: HandlerInvocation): Promise<InvokedHandler> {
  const { env, event } = invocation;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", scriptOf(invocation)], {
    env: {
      PATH: process.env["PATH"],
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_LAMBDA_FUNCTION_NAME: FUNCTION_NAME,
      POWERTOOLS_METRICS_NAMESPACE: "KafkaOffsetRanges",
      _X_AMZN_TRACE_ID: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1",
      ...env,
    },
  });
  child.stdin.end(event);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const printed = `${stdout}\n${stderr}`.split("\n").filter((line) => line !== "");
  const answer = printed.find((line) => line.startsWith(ANSWER_MARK));
  if (answer === undefined) {
    throw new Error(`the handler did not answer: ${printed.join("\n").slice(0, 2_000)}`);
  }
  const lines = printed.filter((line) => line !== answer);
  const entries: readonly LogEntry[] = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return { lines, entries, ...JSON.parse(answer.slice(ANSWER_MARK.length)) };
}
