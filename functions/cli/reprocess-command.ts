// The options of `ranges reprocess`, and the payload that they come to.

import { readFileSync } from "node:fs";
import { Command } from "commander";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { SCHEDULER_INVOKE_TIMEOUT_MS } from "../../shared/core/limits.ts";
import { createLambdaClient } from "../../shared/lambda/client.ts";
import { createFunctionInvoker } from "../../shared/lambda/function-invoker.ts";
import { stringify } from "../../shared/wire/json.ts";
import { parseRangeArgument, parseTopicPartitionArgument } from "../../shared/wire/range-argument.ts";
import { CHOICE_OPTIONS, type ChoiceTexts, SPLIT_OPTIONS } from "../../shared/wire/range-choice.ts";
import { decodeReprocessPayload } from "../../shared/wire/reprocess-payload.ts";
import type { ExitCode } from "./exit-codes.ts";
import { addSourceOptions, type SourceArguments } from "./options.ts";
import { addPlanOptions, planOptionsOf } from "./plan-command.ts";
import { requestReprocess } from "./request-reprocess.ts";
import type { Terminal } from "./terminal.ts";

interface ReprocessArguments extends SourceArguments, ChoiceTexts {
  readonly function: string;
  readonly requestId?: string;
  readonly range?: readonly string[];
  readonly onFailureRecord?: string;
  readonly maxConcurrentRanges?: string;
  readonly unordered?: true;
  readonly dryRun?: true;
  readonly wait?: true;
  readonly endpointUrl?: string;
}

export function reprocessCommand(choose: (action: (terminal: Terminal) => Promise<ExitCode>) => void): Command {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  const command = new Command("reprocess")
    .description("Have a pipeline process ranges again, beside its live chain; the same request id runs once.")
    .requiredOption("--function <name>", "the pipeline's scheduler function")
    .option("--request-id <id>", "names the request; an on-failure record brings its own")
    .option("--range <topic:partition:from:until>", "from inclusive, until exclusive; repeatable", collect)
    .option("--on-failure-record <file>", "what a Lambda event source mapping wrote to its on-failure destination");
  return addPlanOptions(addSourceOptions(command))
    .option("--max-concurrent-ranges <n>", "most ranges that are open at a time")
    .option("--unordered", "ranges of one partition may run beside one another")
    .option("--dry-run", "print the ranges, and request nothing")
    .option(
      "--wait",
      "follow the request to its end; exit 1 unless every offset was processed or is invisible (a record that the code rejected was not)",
    )
    .option("--endpoint-url <url>", "Lambda endpoint, instead of AWS's own")
    .action((options: ReprocessArguments) =>
      choose((terminal) => {
        const payload = payloadOf(options);
        const { endpointUrl } = options;
        const client = createLambdaClient({
          timeoutMs: SCHEDULER_INVOKE_TIMEOUT_MS,
          ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
        });
        return requestReprocess(
          { invoke: createFunctionInvoker(client, options.function), terminal },
          { payload, isDryRun: options.dryRun === true, waits: options.wait === true },
        );
      }),
    );
}

/** Throws ConfigurationError for what the scheduler would refuse without asking Kafka. */
function payloadOf(options: ReprocessArguments): { readonly requestId: string } {
  planOptionsOf(options);
  const { requestId, range, topics, topicPattern, assign, maxConcurrentRanges, unordered, onFailureRecord } = options;
  const payload = withoutAbsent({
    requestId,
    ranges: range?.map(parseRangeArgument),
    onFailureRecord: onFailureRecord === undefined ? undefined : readJson(onFailureRecord),
    topics,
    topicPattern,
    assign: assign === undefined ? undefined : byTopic(assign),
    // Anything else is quoted by the refusal.
    maxConcurrentRanges: /^\d+$/.test(maxConcurrentRanges ?? "") ? Number(maxConcurrentRanges) : maxConcurrentRanges,
    ordered: unordered === true ? false : undefined,
    ...Object.fromEntries([...CHOICE_OPTIONS, ...SPLIT_OPTIONS].map((option) => [option, options[option]])),
  });
  // As the function will see it: offsets are texts in JSON.
  const sent: object = JSON.parse(stringify(payload));
  return { ...sent, requestId: decodeReprocessPayload(sent).requestId };
}

function withoutAbsent(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** `a:0,a:1,b:0` as Spark's `{"a": [0, 1], "b": [0]}`. */
function byTopic(assign: string): Readonly<Record<string, readonly number[]>> {
  const partitions = assign.split(",").map((part) => parseTopicPartitionArgument(part.trim()));
  return Object.fromEntries(
    [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, named]) => [
      topic,
      named.map(({ partition }) => partition),
    ]),
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ConfigurationError(`--on-failure-record ${JSON.stringify(file)} cannot be read: ${String(cause)}`, {
      cause,
    });
  }
}
