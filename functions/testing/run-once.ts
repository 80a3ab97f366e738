// Run once
//
// One range in a ledger in memory, and the processor's own invocation for it; where the
// processor is to die, a second one once the lease is over.
//
//   ON1  A processor that dies writes nothing any more, not even that it failed.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { DeadlineError } from "../../shared/core/errors.ts";
import type { DeadLetter } from "../../shared/core/failure/dead-letter.ts";
import type { RangeLedger } from "../../shared/core/ledger/range-ledger.ts";
import {
  DEADLINE_MARGIN_MS,
  DEFAULT_MAX_OUTAGE_ATTEMPTS,
  LAST_CALL_MARGIN_MS,
  LEASE_MARGIN_MS,
} from "../../shared/core/limits.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { RangeOutput } from "../../shared/core/output/range-output.ts";
import { newRange } from "../../shared/core/range/new-range.ts";
import type { RangeRecord } from "../../shared/core/range/range-record.ts";
import { createInMemoryRangeLedger } from "../../shared/memory/in-memory-range-ledger.ts";
import { createInMemoryRangeReader } from "../../shared/memory/in-memory-range-reader.ts";
import type { InvocationContext } from "../lambda-handler.ts";
import type { Invocation, ProcessOutcome, ProcessorRules } from "../processor/attempt/processor-deps.ts";
import { processAttempts } from "../processor/process-attempts.ts";
import type { ProcessFunction } from "../processor/session/processing-range.ts";
import { createRecordedOutput } from "./recorded-output.ts";
import type { RunSetup } from "./run-options.ts";
import { TestTables } from "./tables/test-tables.ts";
import type { TimerClock } from "./test-clock.ts";

/** One transaction that took effect. */
export interface TestCommit<Output = TransactWriteItem> {
  /** Everything below took effect with it, or before. */
  readonly untilOffset: bigint;
  /** What was written with it, in order. */
  readonly outputs: readonly Output[];
  /** Whether it completed the range. */
  readonly isCompletion: boolean;
}

export interface Run<Output = TransactWriteItem> {
  readonly outcome: ProcessOutcome;
  readonly record: RangeRecord;
  readonly attempts: number;
  readonly commits: readonly TestCommit<Output>[];
  readonly letters: readonly DeadLetter[];
  /** Absent where they are not checked. */
  readonly tables?: TestTables;
}

const TOPIC_ID = "00000000-0000-4000-8000-000000000001";

const RULES: ProcessorRules = {
  isolationLevel: "read_committed",
  maxAttempts: 3,
  maxOutageAttempts: DEFAULT_MAX_OUTAGE_ATTEMPTS,
  onFailure: "halt",
  maxQuarantinedPerRange: 10,
  onDataLoss: "fail",
  retentionMs: 86_400_000,
};

/** The code, and the name of the output that it writes to, if it has one. */
export interface CodeToRun<Output> {
  readonly process: ProcessFunction<Output>;
  readonly outputName?: string | undefined;
}

/** `diesAfter`: so many commits take effect, then the processor dies, once. */
export async function runOnce<Output>(
  { process, outputName }: CodeToRun<Output>,
  setup: RunSetup,
  diesAfter?: number,
): Promise<Run<Output>> {
  const { clock, records, recordsPerBatch, msPerRecord, timeLeftMs } = setup;
  const isUnchecked = setup.tables === "unchecked" || outputName !== undefined;
  const tables = isUnchecked ? undefined : new TestTables(setup.tables);
  // Without an output, what the code writes is what the tables take.
  const write = (outputs: readonly Output[]) => tables?.write(outputs as readonly TransactWriteItem[]);
  const memory = createInMemoryRangeLedger<Output>({ write });
  const commits: TestCommit<Output>[] = [];
  const letters: DeadLetter[] = [];
  const life = { isOver: false, diesAfter };
  const output = outputName === undefined ? undefined : mortalOutput(outputName, { setup, commits, life });
  const deps = {
    ledger: mortalLedger(memory, output === undefined ? commits : undefined, life),
    ...omitUndefined({ output }),
    reader: createInMemoryRangeReader({ records, recordsPerBatch }, () => clock.advance(msPerRecord)),
    process,
    deadLetters: {
      send: async (letter: DeadLetter) => {
        requireLife(life);
        letters.push(letter);
      },
    },
    now: () => clock.now(),
    random: () => 0.5,
  };
  const planned = plan(setup);
  memory.put(planned);
  const outcomes: ProcessOutcome[] = [];
  const invoke = async () => {
    const number = outcomes.length + 1;
    const withContext = { ...deps, context: contextOf(clock, timeLeftMs, number) };
    const invocation = invocationOf(clock, timeLeftMs, number);
    outcomes.push(...(await processAttempts(withContext, RULES, { record: planned }, invocation)));
  };
  try {
    await invoke();
  } catch (error) {
    if (!(error instanceof DeathError)) {
      throw error;
    }
    clock.advance(timeLeftMs + LEASE_MARGIN_MS + 1);
    Object.assign(life, { isOver: false, diesAfter: undefined });
    await invoke();
  }
  if (tables?.problem !== undefined) {
    throw tables.problem;
  }
  const [outcome, record] = [outcomes.at(-1), memory.all()[0]];
  if (outcome === undefined || record === undefined) {
    throw new Error("a run without an outcome");
  }
  return { outcome, record, attempts: record.attempt, commits, letters, ...omitUndefined({ tables }) };
}

interface Life {
  isOver: boolean;
  diesAfter: number | undefined;
}

/** What a processor's every call ends with once it is dead; nothing of it is caught and written down. */
class DeathError extends Error {}

function requireLife({ isOver }: Life): void {
  if (isOver) {
    throw new DeathError("the processor died");
  }
}

interface Lived<Output> {
  readonly setup: RunSetup;
  readonly commits: TestCommit<Output>[];
  readonly life: Life;
}

function mortalOutput<Output>(name: string, { setup, commits, life }: Lived<Output>): RangeOutput<Output> {
  return createRecordedOutput<Output>(name, ({ untilOffset, outputs }) => {
    life.isOver ||= life.diesAfter === commits.length;
    requireLife(life);
    commits.push({ untilOffset, outputs, isCompletion: untilOffset === setup.untilOffset });
  });
}

/** `commits`: where those that carry outputs are written down; undefined where an output has them. */
function mortalLedger<Output>(
  ledger: RangeLedger<Output>,
  commits: TestCommit<Output>[] | undefined,
  life: Life,
): RangeLedger<Output> {
  return {
    ...ledger,
    changeRange: async (seen, event, outputs = []) => {
      const isCommit = event.kind === "commit" || event.kind === "complete";
      life.isOver ||= isCommit && life.diesAfter !== undefined && life.diesAfter === commits?.length;
      requireLife(life);
      const outcome = await ledger.changeRange(seen, event, outputs);
      if (isCommit && outcome.kind === "changed") {
        const isCompletion = event.kind === "complete";
        commits?.push({ untilOffset: outcome.record.committedOffset, outputs: [...outputs], isCompletion });
      }
      return outcome;
    },
  };
}

function plan({
  pipeline,
  topic,
  partition,
  fromOffset,
  untilOffset,
  requestId,
  attempt,
  clock,
}: RunSetup): RangeRecord {
  const chain = { pipeline, topicId: TOPIC_ID, partition, ...omitUndefined({ requestId }) };
  const place = { chain, topic, fromOffset, untilOffset, batchId: "batch-1", writeId: "write-1" };
  const before = attempt - 1;
  return { ...newRange({ ...place, now: clock.now() }), attempt: before, leaseCounter: before };
}

/** As Lambda's, with what middleware reads of it, and as its own open to what handlers set of it. */
function contextOf(clock: TimerClock, timeLeftMs: number, number: number): InvocationContext {
  const endsAt = clock.now() + timeLeftMs;
  const context = {
    awsRequestId: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    functionName: "processor",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:processor",
    memoryLimitInMB: "1024",
    logGroupName: "/aws/lambda/processor",
    logStreamName: "test",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - clock.now()),
  };
  return context;
}

function invocationOf(clock: TimerClock, timeLeftMs: number, number: number): Invocation {
  const endsAt = clock.now() + timeLeftMs;
  const abortAt = (time: number) => {
    const controller = new AbortController();
    const expire = () => controller.abort(new DeadlineError("the invocation's time is nearly used up"));
    clock.at(time, expire);
    return controller.signal;
  };
  return {
    owner: `processor-${number}`,
    remainingMs: timeLeftMs,
    deadline: abortAt(endsAt - DEADLINE_MARGIN_MS),
    lastCall: abortAt(endsAt - LAST_CALL_MARGIN_MS),
  };
}
