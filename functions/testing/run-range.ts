// Run range
//
// A pipeline's code as a test sees it: production's own invocation over a ledger and a log in
// memory. Nothing is asked of AWS or Kafka, and no time passes but by the test's clock.

import { isDeepStrictEqual } from "node:util";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { RangeOutput } from "../../shared/core/output/range-output.ts";
import { type RecordFields, recordFields } from "../../shared/core/source/record-fields.ts";
import type { ProcessOutcome } from "../processor/attempt/processor-deps.ts";
import type { ProcessFunction } from "../processor/session/processing-range.ts";
import { type CodeToRun, type Run, runOnce, type TestCommit } from "./run-once.ts";
import { type RunRangeOptions, setUpRun } from "./run-options.ts";

/** A pipeline's code, or the handler that its file exports. */
export type CodeUnderTest =
  | ProcessFunction<TransactWriteItem>
  | { readonly process: ProcessFunction<TransactWriteItem> };

/** A handler whose pipeline has an output of its own. */
export interface OutputCodeUnderTest<Output> {
  readonly process: ProcessFunction<Output>;
  /** Its name is told in messages; it is not opened. */
  readonly output: RangeOutput<Output>;
}

/** A record that the code gave to `reject`. */
export interface RejectedRecord {
  readonly offset: bigint;
  /** As the code said it. */
  readonly reason: string;
  /** What the code was given, as plain properties. */
  readonly record: RecordFields;
}

/** What became of the range. */
export interface RunRangeResult<Output = TransactWriteItem> {
  /** "completed"; "failed" where the attempt ended with an error; "released" where its time was up after some progress. */
  readonly status: ProcessOutcome["kind"];
  /** What the last attempt failed with. */
  readonly error?: Error;
  /** The record that failed, or the batch, half-open; absent where none is to blame. */
  readonly failedAt?: { readonly fromOffset: bigint; readonly untilOffset: bigint };
  /** What took effect, transaction by transaction. */
  readonly commits: readonly TestCommit<Output>[];
  /** The outputs of all commits, in order. */
  readonly outputs: readonly Output[];
  /** What the tables hold in the end, as plain objects by key; empty where they are unchecked. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** The records that the code rejected, each once, by offset: a replay may send a letter again, which its id tells. */
  readonly rejected: readonly RejectedRecord[];
  /** Everything below took effect. */
  readonly committedOffset: bigint;
  /** How often the range was begun. */
  readonly attempts: number;
  /**
   * With `crash` or `repeat`: whether all that took effect is what a run without it leaves behind.
   * @default - absent without them, and where the run without it fails
   */
  readonly exactlyOnce?: boolean;
  /** What differs, in sentences: what is there after the replay instead of what is without it. */
  readonly differences: readonly string[];
}

/**
 * Runs the code over one range of the records. With `crash` or `repeat` it runs twice: once through, and once with a
 * processor that dies and another that goes on; the answer is the second run's. What the code throws is in the answer.
 * Nothing is written to a pipeline's own output: what would take effect there is in the answer.
 * Throws ConfigurationError for wrong options, a table that is not named, or a crash that never comes.
 */
export function runRange(code: CodeUnderTest, options: RunRangeOptions): Promise<RunRangeResult>;
/** The same, of a pipeline with an output of its own. */
export function runRange<Output>(
  code: OutputCodeUnderTest<Output>,
  options: RunRangeOptions,
): Promise<RunRangeResult<Output>>;
export async function runRange<Output>(
  code: CodeUnderTest | OutputCodeUnderTest<Output>,
  options: RunRangeOptions,
): Promise<RunRangeResult<Output>> {
  const tested: CodeToRun<Output> = { process: processOf(code), outputName: outputNameOf(code) };
  const setup = setUpRun(options);
  const { crash, repeat = false, effects } = options;
  effects?.reset();
  const whole = await runOnce(tested, setup);
  if ((crash === undefined && !repeat) || whole.outcome.kind !== "completed") {
    return { ...resultOf(whole), differences: [] };
  }
  const made = effects?.read();
  effects?.reset();
  const afterCommit = crash?.afterCommit ?? whole.commits.length - 1;
  if (afterCommit >= whole.commits.length) {
    throw new ConfigurationError(
      `crash.afterCommit is ${afterCommit}, and the code makes ${whole.commits.length} commits, the completion being the last: expected ${whole.commits.length - 1} at most, or repeat: true for a processor that dies before its completion takes effect`,
    );
  }
  const replayed = await runOnce(tested, setup, afterCommit);
  const differences = [
    ...compareRuns(replayed, whole),
    ...(effects === undefined ? [] : compareValues("effects", effects.read(), made)),
  ];
  return { ...resultOf(replayed), exactlyOnce: differences.length === 0, differences };
}

function outputNameOf(code: unknown): string | undefined {
  const given: unknown = (code as { readonly output?: unknown } | null)?.output;
  return typeof given === "object" && given !== null && "name" in given ? String(given.name) : undefined;
}

function processOf<Output>(code: unknown): ProcessFunction<Output> {
  // A handler is a function too, but not the one to run.
  const process: unknown =
    typeof code === "function" || typeof code === "object"
      ? "process" in (code ?? {})
        ? (code as { readonly process: unknown }).process
        : code
      : undefined;
  if (typeof process !== "function") {
    throw new ConfigurationError(
      `runRange was given ${quote(code)}: expected a pipeline's process function, or the handler that createRangeProcessor makes of it`,
    );
  }
  return process as ProcessFunction<Output>; // As far as can be seen of a function.
}

function resultOf<Output>(run: Run<Output>): Omit<RunRangeResult<Output>, "differences"> {
  const { outcome, record, attempts, commits, letters, tables } = run;
  const error = "error" in outcome && outcome.error instanceof Error ? outcome.error : undefined;
  const failedAt = "error" in outcome ? record.error?.inHand : undefined;
  return {
    status: outcome.kind,
    ...omitUndefined({ error, failedAt }),
    commits,
    outputs: commits.flatMap(({ outputs }) => outputs),
    tables: tables?.items() ?? {},
    rejected: rejectedOf(letters),
    committedOffset: record.committedOffset,
    attempts,
  };
}

function compareRuns<Output>(replayed: Run<Output>, whole: Run<Output>): readonly string[] {
  const status = compareValues("the range is", replayed.outcome.kind, whole.outcome.kind);
  const [rejectedThen, rejectedWhole] = [replayed, whole].map((run) =>
    rejectedOf(run.letters).map((one) => one.offset),
  );
  const rejected = compareValues("rejected offsets", rejectedThen, rejectedWhole);
  if (replayed.tables !== undefined && whole.tables !== undefined) {
    return [...status, ...rejected, ...replayed.tables.compare(whole.tables)];
  }
  const [outputs, expected] = [replayed, whole].map(({ commits }) => commits.flatMap((one) => one.outputs));
  return [...status, ...rejected, ...compareValues("outputs", outputs, expected)];
}

/** A dead letter may come twice: its consumer drops the second by its id. */
function rejectedOf(letters: Run["letters"]): readonly RejectedRecord[] {
  const rejected = letters.flatMap(({ offset, error: { message: reason }, record }) =>
    record === undefined ? [] : [[offset, { offset, reason, record: recordFields(record) }] as const],
  );
  return [...new Map(rejected).values()].toSorted((a, b) => (a.offset < b.offset ? -1 : 1));
}

function compareValues(what: string, actual: unknown, expected: unknown): readonly string[] {
  return isDeepStrictEqual(actual, expected)
    ? []
    : [`${what}: ${quote(actual, 400)} instead of ${quote(expected, 400)}`];
}
