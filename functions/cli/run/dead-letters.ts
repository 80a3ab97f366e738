// Dead letters: what the options of list, show, delete and redrive come to.

import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { SCHEDULER_INVOKE_TIMEOUT_MS } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { createLambdaClient } from "../../../shared/lambda/client.ts";
import { createFunctionInvoker } from "../../../shared/lambda/function-invoker.ts";
import { parseRangeArgument, parseRecordArgument } from "../../../shared/wire/offsets/range-argument.ts";
import { readTimestamp } from "../../../shared/wire/offsets/timestamp.ts";
import type { LetterChoice } from "../letters/gather-letters.ts";
import { parseLetterTarget } from "../letters/letter-target.ts";
import { deleteLetters, type LetterDeps, listLetters, showLetters } from "../letters/list-letters.ts";
import { openLetterStore } from "../letters/open-letter-store.ts";
import { redriveLetters } from "../letters/redrive-letters.ts";
import { withAwsAccess } from "../options/aws-access.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import type { ConnectionArguments } from "../options/options.ts";
import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface LetterArguments extends ConnectionArguments {
  readonly target: string;
  readonly pipeline?: string;
  readonly topic?: readonly string[];
  readonly range?: readonly string[];
  readonly record?: readonly string[];
  readonly error?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly endpointUrl?: string;
  readonly json?: true;
}

export interface ListArguments extends LetterArguments {
  readonly table?: string;
}

interface ChosenArguments extends LetterArguments {
  readonly all?: true;
  readonly dryRun?: true;
}

export interface DeleteArguments extends ChosenArguments {
  readonly table?: string;
  readonly processed?: true;
}

export interface RedriveArguments extends ChosenArguments {
  readonly pipeline: string;
  readonly table: string;
  readonly function: string;
  readonly includeUnproven?: true;
}

export function runListLetters(options: ListArguments, terminal: Terminal): Promise<ExitCode> {
  const ledger = ledgerIn(options);
  return usingLetters(options, terminal, (deps) =>
    listLetters({ ...deps, ...omitUndefined({ ledger }) }, actOf(options)),
  );
}

export function runShowLetters(options: LetterArguments, terminal: Terminal): Promise<ExitCode> {
  return usingLetters(options, terminal, (deps) => showLetters(deps, actOf(options)));
}

export function runDeleteLetters(options: DeleteArguments, terminal: Terminal): Promise<ExitCode> {
  const { processed = false, table } = options;
  if (processed !== (table !== undefined)) {
    throw new ConfigurationError(
      "give --processed together with --table: the ledger of that table says which records were processed",
    );
  }
  requireChoice(options);
  const isDryRun = options.dryRun === true;
  const ledger = ledgerIn(options);
  return usingLetters(options, terminal, (deps) =>
    deleteLetters({ ...deps, ...omitUndefined({ ledger }) }, { ...actOf(options), isDryRun }),
  );
}

export function runRedriveLetters(options: RedriveArguments, terminal: Terminal): Promise<ExitCode> {
  requireChoice(options);
  const { endpointUrl, pipeline, function: name } = options;
  const lambda = createLambdaClient({
    timeoutMs: SCHEDULER_INVOKE_TIMEOUT_MS,
    ...omitUndefined({ endpoint: endpointUrl }),
  });
  const invoke = createFunctionInvoker(withAwsAccess(lambda, { kind: "function", name, endpointUrl }), name);
  const { choice, json } = actOf(options);
  const { dryRun: isDryRun = false, includeUnproven: includesUnproven = false } = options;
  const act = { choice: { ...choice, pipeline }, json, isDryRun, includesUnproven };
  const ledger = ledgerOf(options);
  return usingLetters(options, terminal, (deps) => redriveLetters({ ...deps, ledger, invoke }, act));
}

function ledgerIn({ table, ...options }: ListArguments) {
  return table === undefined ? undefined : ledgerOf({ ...options, table });
}

async function usingLetters(
  options: LetterArguments,
  terminal: Terminal,
  use: (deps: LetterDeps) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { endpointUrl } = options;
  const target = parseLetterTarget(options.target);
  const note = (line: string) => terminal.note(line);
  const store = await openLetterStore({ target, connection: options, endpointUrl, note });
  try {
    return await use({ store, terminal });
  } finally {
    await store.close();
  }
}

/** Who changes all of them says so. */
function requireChoice({ all, topic, range, record, error, since, until }: ChosenArguments): void {
  const isChosen = [topic, range, record, error, since, until].some((one) => one !== undefined);
  if (isChosen === (all === true)) {
    throw new ConfigurationError(
      "give --all, or choose letters by --record, --range, --topic, --error, --since or --until, and not both",
    );
  }
}

function actOf(options: LetterArguments) {
  const { pipeline, topic: topics = [], range = [], record = [], error: errors = [], since, until, json } = options;
  const ranges: readonly OffsetRange[] = [...range.map(parseRangeArgument), ...record.map(parseRecordArgument)];
  const choice: LetterChoice = {
    pipeline,
    topics,
    ranges,
    errors,
    since: timeOf("--since", since),
    until: timeOf("--until", until),
  };
  return { choice, json: json === true };
}

function timeOf(option: string, text: string | undefined): bigint | undefined {
  if (text === undefined) {
    return undefined;
  }
  const time = readTimestamp(text);
  if (time.kind !== "read") {
    throw new ConfigurationError(`${option} ${quote(text)} is ${time.why}`);
  }
  return time.value;
}
