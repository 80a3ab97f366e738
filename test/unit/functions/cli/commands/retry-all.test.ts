import { expect, test } from "vitest";
import { retryAll } from "../../../../../functions/cli/commands/retry-all.ts";
import { OutputClosedError } from "../../../../../functions/cli/output/terminal.ts";
import type { PipelineRecord } from "../../../../../shared/core/ledger/pipeline-record.ts";
import {
  createInMemoryRangeLedger,
  type InMemoryRangeLedger,
} from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aHaltedRecord, ORDERS_ID } from "../../../../support/builders/builders.ts";
import { createRecordingTerminal, type RecordingTerminal } from "../../../../support/cli/recording-terminal.ts";

const operator = { by: "ann", reason: "the brokers are back" };
const NOTHING_NAMED = { topics: [], errors: [] };

/** A pipeline of which every partition of orders is halted. */
async function aLedger(partitionCount: number, facts: Partial<PipelineRecord> = {}) {
  const ledger = createInMemoryRangeLedger<never>();
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions }];
  await ledger.writePipeline({ pipeline: "word-count", revision: 1, startedAt: 1, topics, ...facts });
  for (const partition of partitions) {
    ledger.put(aHaltedRecord({ partition }));
  }
  return ledger;
}

function retryHalted(
  ledger: InMemoryRangeLedger<never>,
  terminal: RecordingTerminal,
  { topics = [], errors = [] }: { readonly topics?: readonly string[]; readonly errors?: readonly string[] } = {},
) {
  const deps = { ledger, terminal, now: () => 1, place: { table: "t" } };
  const choice = { pipeline: "word-count", topics, errors };
  return retryAll(deps, { choice, operator, json: false, isDryRun: false });
}

test("at most sixteen ranges are changed at once, and every thousandth is told", async () => {
  const ledger = await aLedger(1_001);
  let underWay = 0;
  let most = 0;
  const counting = {
    ...ledger,
    changeRange: async (...change: Parameters<typeof ledger.changeRange>) => {
      underWay += 1;
      most = Math.max(most, underWay);
      const outcome = await ledger.changeRange(...change);
      underWay -= 1;
      return outcome;
    },
  };
  const terminal = createRecordingTerminal();

  const code = await retryHalted(counting, terminal);

  expect({ code, most }).toEqual({ code: 0, most: 16 });
  expect(terminal.noted).toEqual(["1000 of 1001 halted ranges so far", "retried 1001 of 1001 halted ranges"]);
  expect(terminal.printed).toHaveLength(1_001);
});

test("a ledger that fails half-way ends the command, which says how far it came; given again it goes on", async () => {
  const ledger = await aLedger(3);
  let calls = 0;
  const failing = {
    ...ledger,
    changeRange: async (...change: Parameters<typeof ledger.changeRange>) => {
      calls += 1;
      if (calls > 2) {
        // Behind the writes that succeed.
        await Promise.resolve();
        throw new Error("throttled");
      }
      return ledger.changeRange(...change);
    },
  };
  const terminal = createRecordingTerminal();

  await expect(retryHalted(failing, terminal)).rejects.toThrow("throttled");
  const again = createRecordingTerminal();
  const code = await retryHalted(ledger, again);

  expect(terminal.noted).toEqual(["stopped after 2 of 3 halted ranges; the same command goes on with the rest"]);
  expect({ code, noted: again.noted }).toEqual({ code: 0, noted: ["retried 1 of 1 halted range"] });
});

test("whose output is closed before the end has not retried all, and exits with 1", async () => {
  const ledger = await aLedger(40);
  const closed = new AbortController();
  const recording = createRecordingTerminal(closed.signal);
  const terminal = { ...recording, print: async () => closed.abort(new OutputClosedError("the output was closed")) };

  const code = await retryHalted(ledger, terminal);

  expect(code).toBe(1);
  expect(recording.noted).toEqual([expect.stringMatching(/^stopped after \d+ of 40 halted ranges; /)]);
  expect(ledger.all().filter(({ status }) => status === "FAILED").length).toBeGreaterThan(0);
});

test("what is paused is due, and each pause is told once with the line that takes it back", async () => {
  const pause = { by: "bob", reason: "schema change", at: 0 };
  const terminal = createRecordingTerminal();

  const code = await retryHalted(await aLedger(2, { pauses: [pause] }), terminal);

  expect(code).toBe(0);
  expect(terminal.noted).toEqual([
    "retried 2 of 2 halted ranges",
    "nothing is dispatched yet: the pipeline is paused by bob since 1970-01-01T00:00:00.000Z: schema change; npx ranges resume --table t --pipeline word-count",
  ]);
});

test.each([
  [0, NOTHING_NAMED, "nothing to retry: no range of word-count waits for a retry"],
  [
    2,
    { topics: [], errors: ["TypeError"] },
    "nothing to retry: none of the 2 halted ranges of word-count is of that topic and error; they are of orders and halted by RangeReadError",
  ],
])("with %i halted ranges of which none is chosen says so, and is done", async (count, choice, note) => {
  const terminal = createRecordingTerminal();
  const ledger = await aLedger(count);
  const before = ledger.writes;

  const code = await retryHalted(ledger, terminal, choice);

  expect({ code, printed: terminal.printed, noted: terminal.noted }).toEqual({ code: 0, printed: [], noted: [note] });
  expect(ledger.writes).toBe(before);
});

test("a topic on which the pipeline has not started is bad input", async () => {
  const retry = retryHalted(await aLedger(1), createRecordingTerminal(), { topics: ["order"] });

  await expect(retry).rejects.toThrow('--topic "order": word-count has not started on it; it has orders');
});
