// Run reprocess: the payload that the options come to, and the function that is asked.

import { readFileSync } from "node:fs";
import { quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { SCHEDULER_INVOKE_TIMEOUT_MS } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { createLambdaClient } from "../../../shared/lambda/client.ts";
import { createFunctionInvoker } from "../../../shared/lambda/function-invoker.ts";
import { decodeReprocessPayload, type PayloadNaming } from "../../../shared/wire/events/reprocess-payload.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import { jsonProblem, readJsonText } from "../../../shared/wire/json/json-text.ts";
import { parseRangeArgument } from "../../../shared/wire/offsets/range-argument.ts";
import {
  CHOICE_OPTIONS,
  type ChoiceTexts,
  parseRangeChoice,
  SPLIT_OPTIONS,
} from "../../../shared/wire/offsets/range-choice.ts";
import { askForReprocess } from "../commands/ask-for-reprocess.ts";
import { withAwsAccess } from "../options/aws-access.ts";
import { optionOf } from "../options/option-names.ts";
import type { SourceArguments } from "../options/options.ts";
import { parseAssignOption, selectionOf } from "../options/source-selection.ts";
import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface ReprocessArguments extends SourceArguments, ChoiceTexts {
  readonly function: string;
  readonly requestId?: string;
  readonly range?: readonly string[];
  readonly onFailureRecord?: string;
  readonly maxConcurrentRanges?: number;
  readonly unordered?: true;
  readonly dryRun?: true;
  readonly wait?: true;
  readonly endpointUrl?: string;
}

export async function runReprocess(options: ReprocessArguments, terminal: Terminal): Promise<ExitCode> {
  const payload = payloadOf(options);
  const { endpointUrl } = options;
  const lambda = createLambdaClient({
    timeoutMs: SCHEDULER_INVOKE_TIMEOUT_MS,
    ...omitUndefined({ endpoint: endpointUrl }),
  });
  const client = withAwsAccess(lambda, { kind: "function", name: options.function, endpointUrl });
  return askForReprocess(
    { invoke: createFunctionInvoker(client, options.function), terminal },
    { payload, isDryRun: options.dryRun === true, waits: options.wait === true },
  );
}

/** Throws ConfigurationError for what the scheduler would refuse without asking Kafka. */
function payloadOf(options: ReprocessArguments): { readonly requestId: string } {
  parseRangeChoice(options, optionOf);
  const { requestId, range, topics, topicPattern, assign, maxConcurrentRanges, unordered, onFailureRecord } = options;
  if ([topics, topicPattern, assign].filter((source) => source !== undefined).length === 1) {
    selectionOf(options);
  }
  const payload = withoutAbsent({
    requestId,
    ranges: range?.map(parseRangeArgument),
    onFailureRecord: onFailureRecord === undefined ? undefined : readJson(onFailureRecord),
    topics,
    topicPattern,
    assign: assign === undefined ? undefined : byTopic(assign),
    maxConcurrentRanges,
    ordered: unordered === true ? false : undefined,
    ...Object.fromEntries([...CHOICE_OPTIONS, ...SPLIT_OPTIONS].map((option) => [option, options[option]])),
  });
  // As the function will see it: offsets are texts in JSON.
  const sent: object = JSON.parse(stringify(payload));
  return { ...sent, requestId: decodeReprocessPayload(sent, OPTIONS).requestId };
}

/** What the function's payload calls otherwise than the options do. */
const OPTION_NAMES = new Map([
  ["ranges", "--range"],
  ["ordered", "--unordered"],
]);

const OPTIONS: PayloadNaming = { what: "the request", nameOf: (field) => OPTION_NAMES.get(field) ?? optionOf(field) };

function withoutAbsent(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** `a:0,a:1,b:0` as Spark's `{"a": [0, 1], "b": [0]}`. */
function byTopic(assign: string): Readonly<Record<string, readonly number[]>> {
  const partitions = parseAssignOption(assign);
  return Object.fromEntries(
    [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, named]) => [
      topic,
      named.map(({ partition }) => partition),
    ]),
  );
}

function readJson(file: string): unknown {
  const text = readText(file);
  const json = readJsonText(text);
  if (json.kind !== "read") {
    const why = text.trim() === "" ? "is empty; a queue without a message prints nothing" : jsonProblem(json);
    throw new ConfigurationError(`--on-failure-record ${quoteName(file)} ${why}`);
  }
  return json.value;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigurationError(`--on-failure-record ${quoteName(file)} cannot be read: ${String(cause)}`, { cause });
  }
}
