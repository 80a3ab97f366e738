import { describe, expect, test } from "vitest";
import { requestReprocess } from "../../../../functions/cli/request-reprocess.ts";
import { ConfigurationError, DispatchError } from "../../../../shared/core/errors.ts";
import { createRecordingTerminal } from "../../../support/recording-terminal.ts";

const payload = { requestId: "again-1", startingOffsets: "earliest" };

interface Counts {
  readonly done: number;
  readonly open?: number;
  readonly halted?: number;
}

/** The scheduler's answer for a request of four ranges. */
function answer({ done, open = 0, halted = 0 }: Counts, more: { completed?: boolean; cancelled?: boolean } = {}) {
  const ranges = Array.from({ length: open }, (_, index) =>
    index < halted ? { kind: "halted", reason: "orders-3 [5, 9) halted" } : { kind: "waiting" },
  );
  const progress = { total: 4, done, open, halted };
  return { reprocess: [{ requestId: "again-1", completed: done === 4, cancelled: false, ...more, progress, ranges }] };
}

/** Runs the command against a function that answers, or fails with, these in turn. */
async function run(
  answers: readonly unknown[],
  { waits = false, isDryRun = false, signal = undefined as AbortSignal | undefined } = {},
) {
  const terminal = createRecordingTerminal(signal);
  const events: object[] = [];
  const invoke = async (event: object) => {
    events.push(event);
    const next = answers[events.length - 1] ?? expect.unreachable("invoked once too often");
    if (next instanceof Error) {
      throw next;
    }
    return next;
  };
  const code = await requestReprocess({ invoke, terminal, pollMs: 0 }, { payload, isDryRun, waits });
  return { code, events, printed: terminal.printed, noted: terminal.noted };
}

test("the function is asked once, and what it says of the request is printed", async () => {
  const { code, events, printed } = await run([answer({ done: 0, open: 2 })]);

  expect({ code, events }).toEqual({ code: 0, events: [{ reprocess: payload }] });
  expect(printed.map((line) => JSON.parse(line))).toEqual([
    { requestId: "again-1", completed: false, cancelled: false, progress: { total: 4, done: 0, open: 2, halted: 0 } },
  ]);
});

test("a dry run prints the ranges as plan does, and requests nothing", async () => {
  const range = { topic: "orders", partition: 3, fromOffset: "5", untilOffset: "9" };
  const dryRun = { requestId: "again-1", ranges: [{ topicId: "id", ...range }] };

  const { code, events, printed } = await run([{ reprocess: [], dryRun }], { isDryRun: true });

  expect({ code, events }).toEqual({ code: 0, events: [{ reprocess: { ...payload, dryRun: true } }] });
  expect(JSON.parse(printed[0] ?? "")).toEqual({ ranges: [range] });
});

describe("waiting", () => {
  test("asks with the same event until the request is completed, and notes what changes", async () => {
    const steps = [answer({ done: 0, open: 2 }), answer({ done: 0, open: 2 }), answer({ done: 2, open: 2 })];

    const { code, events, noted } = await run([...steps, answer({ done: 4 })], { waits: true });

    expect(code).toBe(0);
    expect(events).toEqual(Array.from({ length: 4 }, () => ({ reprocess: payload })));
    expect(noted).toEqual([
      "again-1 open: 0 of 4 ranges done, 2 open, 0 halted",
      "again-1 open: 2 of 4 ranges done, 2 open, 0 halted",
      "again-1 completed: 4 of 4 ranges done, 0 open, 0 halted",
    ]);
  });

  test("ends with exit code 1 when all that is open waits for an operator, and says why", async () => {
    const { code, noted } = await run([answer({ done: 3, open: 1, halted: 1 })], { waits: true });

    expect(code).toBe(1);
    expect(noted).toEqual(["again-1 open: 3 of 4 ranges done, 1 open, 1 halted; orders-3 [5, 9) halted"]);
  });

  test("goes on while one range is halted and another runs", async () => {
    const steps = [answer({ done: 2, open: 2, halted: 1 }), answer({ done: 3, open: 1, halted: 1 })];

    expect((await run(steps, { waits: true })).events).toHaveLength(2);
  });

  test("ends with exit code 1 when the request was cancelled", async () => {
    const { code, noted } = await run([answer({ done: 1 }, { completed: true, cancelled: true })], { waits: true });

    expect({ code, noted }).toEqual({ code: 1, noted: ["again-1 cancelled: 1 of 4 ranges done, 0 open, 0 halted"] });
  });

  test("survives a look that fails, not five in a row", async () => {
    const failed = new DispatchError("throttled");
    const first = answer({ done: 0, open: 1 });

    const survived = await run([first, failed, answer({ done: 4 })], { waits: true });

    expect(survived.code).toBe(0);
    expect(survived.noted).toContain("DispatchError: throttled; looking again");
    await expect(run([first, failed, failed, failed, failed, failed], { waits: true })).rejects.toThrow("throttled");
  });

  test("ends at once when it is interrupted", async () => {
    const running = answer({ done: 0, open: 1 });

    await expect(run([running, running], { waits: true, signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  });
});

test.each([[{ batch: {} }], [{ reprocess: [] }], [{ kind: "completed" }]])(
  "a function that answers %j is told to be no scheduler",
  async (wrong) => {
    const asked = run([wrong]);

    await expect(asked).rejects.toThrow(ConfigurationError);
    await expect(asked).rejects.toThrow("is it a pipeline's scheduler?");
  },
);
