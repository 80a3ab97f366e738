// Run options: what a test asks of runRange, checked before anything runs.

import { joinProblems, quote, showName } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { DEADLINE_MARGIN_MS } from "../../shared/core/limits.ts";
import { unknownOptions } from "../../shared/core/options/require-options.ts";
import type { TestRecord } from "./records-of.ts";
import type { TestTable } from "./tables/test-tables.ts";
import { asTimerClock, createTestClock, type TestClock, type TimerClock } from "./test-clock.ts";

/** The range that the code gets, and what befalls it. */
export interface RunRangeOptions {
  /** What the log holds, made by recordsOf. */
  readonly records: readonly TestRecord[];
  /**
   * The tables that the code writes to, by name, with their keys and what is there before; "unchecked" applies no
   * output and compares them one by one.
   * @default - none: an output fails the run
   */
  readonly tables?: Readonly<Record<string, TestTable>> | "unchecked";
  /** @default "orders" */
  readonly topic?: string;
  /** @default 0 */
  readonly partition?: number;
  /** @default "test" */
  readonly pipeline?: string;
  /** Where the range begins, inclusive. @default the first record's offset */
  readonly fromOffset?: bigint;
  /** Where the range ends, exclusive. @default the offset after the last record */
  readonly untilOffset?: bigint;
  /** "reprocess" as for a range of a reprocess request. @default "live" */
  readonly mode?: "live" | "reprocess";
  /** Of mode "reprocess". @default "request-1" */
  readonly requestId?: string;
  /** Which attempt at the range it is, from 1. @default 1 */
  readonly attempt?: number;
  /** What the invocation has left when it begins, in milliseconds of the clock. @default 60_000 */
  readonly timeLeftMs?: number;
  /** What time it is; it moves only by `advance` and `msPerRecord`. @default a clock of its own */
  readonly clock?: TestClock;
  /** How far the clock moves for each record that is read. @default 0 */
  readonly msPerRecord?: number;
  /** How many records the log keeps in one batch. @default 100 */
  readonly recordsPerBatch?: number;
  /** The processor dies once so many commits took effect, the completion being the last one, and another goes on. */
  readonly crash?: { readonly afterCommit: number };
  /** The processor runs the code to its end and dies before the completion takes effect, and another goes on. */
  readonly repeat?: boolean;
  /** What the code does elsewhere, to be compared as well where the range is replayed. */
  readonly effects?: {
    /** Forgets what was done. */
    readonly reset: () => void;
    /** What was done since, as a value that can be compared. */
    readonly read: () => unknown;
  };
}

/** The options with their defaults. */
export interface RunSetup
  extends Required<Omit<RunRangeOptions, "crash" | "repeat" | "effects" | "requestId" | "clock">> {
  readonly requestId?: string;
  readonly clock: TimerClock;
}

const FIELDS: readonly (keyof RunRangeOptions)[] = [
  "records",
  "tables",
  "topic",
  "partition",
  "pipeline",
  "fromOffset",
  "untilOffset",
  "mode",
  "requestId",
  "attempt",
  "timeLeftMs",
  "clock",
  "msPerRecord",
  "recordsPerBatch",
  "crash",
  "repeat",
  "effects",
];

/** Throws ConfigurationError that lists every wrong option. */
export function setUpRun(options: RunRangeOptions): RunSetup {
  const problems = [...problemsOf(options)];
  if (problems.length > 0) {
    throw new ConfigurationError(`the options of runRange are wrong: ${joinProblems(problems)}`);
  }
  const { records, mode = options.requestId === undefined ? "live" : "reprocess" } = options;
  const [first, last] = [records[0], records.at(-1)];
  const clock = options.clock ?? createTestClock();
  return {
    records,
    tables: options.tables ?? {},
    topic: options.topic ?? "orders",
    partition: options.partition ?? 0,
    pipeline: options.pipeline ?? "test",
    fromOffset: options.fromOffset ?? first?.offset ?? 0n,
    untilOffset: options.untilOffset ?? (last === undefined ? 1n : last.offset + 1n),
    mode,
    ...(mode === "reprocess" ? { requestId: options.requestId ?? "request-1" } : {}),
    attempt: options.attempt ?? 1,
    timeLeftMs: options.timeLeftMs ?? 60_000,
    clock: asTimerClock(clock) ?? fail("clock", clock),
    msPerRecord: options.msPerRecord ?? 0,
    recordsPerBatch: options.recordsPerBatch ?? 100,
  };
}

function fail(name: string, value: unknown): never {
  throw new ConfigurationError(`${name} is ${quote(value)}: expected what createTestClock() makes`);
}

function* problemsOf(options: RunRangeOptions): Generator<string, void, undefined> {
  if (typeof options !== "object" || options === null) {
    yield `${quote(options)}: expected an object, as { records: recordsOf(["a"]) }`;
    return;
  }
  yield* unknownOptions(options, FIELDS);
  yield* problemsOfRecords(options);
  yield* problemsOfNumbers(options);
  const { mode = "reprocess", requestId, crash, repeat, tables } = options;
  if (requestId !== undefined && mode === "live") {
    yield `requestId is ${quote(requestId)} and mode is live: expected mode "reprocess"`;
  }
  if (mode !== "live" && mode !== "reprocess") {
    yield `mode is ${quote(mode)}: expected "live" or "reprocess"`;
  }
  if (crash !== undefined && repeat === true) {
    yield "crash and repeat are both given: expected one of them";
  }
  if (crash !== undefined && !(Number.isSafeInteger(crash.afterCommit) && crash.afterCommit >= 0)) {
    yield `crash.afterCommit is ${quote(crash.afterCommit)}: expected a whole number of commits, from 0`;
  }
  if (tables !== undefined && tables !== "unchecked") {
    yield* problemsOfTables(tables);
  }
}

function* problemsOfRecords({ records, fromOffset, untilOffset }: RunRangeOptions): Generator<string, void, undefined> {
  const given: unknown = records;
  const wrong = Array.isArray(given) ? given.findIndex((one) => typeof one?.isAborted !== "boolean") : -1;
  if (!Array.isArray(given) || wrong >= 0) {
    const what = Array.isArray(given) ? `records[${wrong}]` : "records";
    yield `${what} is ${quote(Array.isArray(given) ? given[wrong] : given)}: expected records as recordsOf([...]) makes them`;
    return;
  }
  for (const [name, offset] of Object.entries({ fromOffset, untilOffset })) {
    if (offset !== undefined && (typeof offset !== "bigint" || offset < 0n)) {
      yield `${name} is ${quote(offset)}: expected a bigint from 0n`;
      return;
    }
  }
  const from = fromOffset ?? records[0]?.offset ?? 0n;
  const until = untilOffset ?? (records.at(-1)?.offset ?? 0n) + 1n;
  if (from >= until) {
    yield `the range [${from}, ${until}) is empty: expected untilOffset above fromOffset`;
  }
}

function* problemsOfNumbers(options: RunRangeOptions): Generator<string, void, undefined> {
  const bounds = {
    partition: { min: 0, is: "a whole number from 0" },
    attempt: { min: 1, is: "a whole number from 1" },
    msPerRecord: { min: 0, is: "milliseconds from 0" },
    recordsPerBatch: { min: 1, is: "a whole number from 1" },
    timeLeftMs: {
      min: DEADLINE_MARGIN_MS + 1,
      is: `milliseconds, more than the ${DEADLINE_MARGIN_MS} that a processor keeps back`,
    },
  } as const;
  for (const [name, { min, is }] of Object.entries(bounds)) {
    const value = options[name as keyof typeof bounds];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= min)) {
      yield `${name} is ${quote(value)}: expected ${is}`;
    }
  }
}

function* problemsOfTables(tables: Readonly<Record<string, TestTable>>): Generator<string, void, undefined> {
  for (const [name, table] of Object.entries(tables)) {
    const key: unknown = table?.key;
    const names = typeof key === "string" ? [key] : Array.isArray(key) ? key : [];
    if (names.length < 1 || names.length > 2 || !names.every((one) => typeof one === "string")) {
      yield `tables.${showName(name)} is ${quote(table)}: expected its key, as { key: "id" } or { key: ["pk", "sk"] }`;
    }
  }
}
