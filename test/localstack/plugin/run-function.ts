// Run function
//
// The process of one execution environment: loads the function that Lambda's variables
// name, says so, and takes and answers one invocation after the other. Arguments: the descriptor
// that invocations are read from, and the one that answers are written to.

import { existsSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly deadlineMs: number;
  /** As JSON. */
  readonly event: string;
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

const [requests = Number.NaN, answers = Number.NaN] = process.argv.slice(2).map(Number);

await main();

async function main(): Promise<void> {
  let handler: Handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    answer({ error: describe(error) });
    process.exit(1);
  }
  answer({ ready: true });
  // A socket, since a read of a file that waits would hold a thread, and the end of the process with it.
  for await (const line of createInterface({ input: new Socket({ fd: requests, writable: false }) })) {
    const invocation: Invocation = JSON.parse(line);
    answer({ taken: invocation.requestId });
    answer(await run(handler, invocation));
  }
  // LocalStack ended; whatever the function left running must not outlive it.
  process.exit(0);
}

async function loadHandler(): Promise<Handler> {
  const [file = "", name = ""] = variable("_HANDLER").split(/\.(?=[^.]*$)/);
  const path = join(variable("LAMBDA_TASK_ROOT"), file);
  const found = [".mjs", ".js", ".cjs"].map((extension) => path + extension).find((module) => existsSync(module));
  if (found === undefined) {
    throw new Error(`${path}.mjs, .js or .cjs does not exist`);
  }
  const handler: unknown = (await import(pathToFileURL(found).href))[name];
  if (typeof handler !== "function") {
    throw new Error(`${found} exports no function ${name}`);
  }
  return handler as Handler; // What it takes and answers is the function's own matter.
}

async function run(handler: Handler, invocation: Invocation): Promise<object> {
  try {
    const result = await handler(JSON.parse(invocation.event), contextOf(invocation));
    return { result: JSON.stringify(result ?? null) };
  } catch (error) {
    return { error: describe(error) };
  }
}

function contextOf({ requestId, functionArn, deadlineMs }: Invocation): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: variable("AWS_LAMBDA_FUNCTION_NAME"),
    functionVersion: variable("AWS_LAMBDA_FUNCTION_VERSION"),
    invokedFunctionArn: functionArn,
    memoryLimitInMB: variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    awsRequestId: requestId,
    logGroupName: variable("AWS_LAMBDA_LOG_GROUP_NAME"),
    logStreamName: variable("AWS_LAMBDA_LOG_STREAM_NAME"),
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

function describe(error: unknown): object {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function variable(name: string): string {
  return process.env[name] ?? "";
}

function answer(content: object): void {
  const bytes = Buffer.from(`${JSON.stringify(content)}\n`);
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(answers, bytes, written);
  }
}
