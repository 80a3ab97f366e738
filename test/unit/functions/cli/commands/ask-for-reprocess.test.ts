import { describe, expect, test } from "vitest";
import { askForReprocess } from "../../../../../functions/cli/commands/ask-for-reprocess.ts";
import { ConfigurationError, DispatchError } from "../../../../../shared/core/errors.ts";
import { createRecordingTerminal } from "../../../../support/cli/recording-terminal.ts";

const payload = { requestId: "again-1", startingOffsets: "earliest" };

/** What the function is sent: a refusal is to be an answer. */
const asked = { ...payload, answerRefusal: true };

interface Counts {
  readonly closed: number;
  readonly open?: number;
  readonly halted?: number;
}

/** The scheduler's answer for a request of four ranges. */
function answer(
  { closed, open = 0, halted = 0 }: Counts,
  { quarantined = 0, closedAll = closed === 4, cancelled = false } = {},
) {
  const ranges = Array.from({ length: open }, (_, index) =>
    index < halted ? { kind: "halted", reason: "orders-3 [5, 9) halted" } : { kind: "waiting" },
  );
  const progress = { total: 4, closed, open, halted };
  const processed = 10 * closed - quarantined;
  const offsets = {
    total: "40",
    processed: `${processed}`,
    quarantined: `${quarantined}`,
    left: `${40 - 10 * closed}`,
  };
  const request = { requestId: "again-1", closed: closedAll, completed: processed === 40, cancelled };
  return { reprocess: [{ ...request, progress, offsets, ranges }] };
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
  const code = await askForReprocess({ invoke, terminal, pollMs: 0 }, { payload, isDryRun, waits });
  return { code, events, printed: terminal.printed, noted: terminal.noted };
}

test("the function is asked once, and what it says of the request is printed", async () => {
  const { code, events, printed } = await run([answer({ closed: 0, open: 2 })]);

  expect({ code, events }).toEqual({ code: 0, events: [{ reprocess: asked }] });
  expect(printed.map((line) => JSON.parse(line))).toEqual([
    {
      requestId: "again-1",
      closed: false,
      completed: false,
      cancelled: false,
      progress: { total: 4, closed: 0, open: 2, halted: 0 },
      offsets: { total: "40", processed: "0", quarantined: "0", left: "40" },
    },
  ]);
});

test("a dry run prints the ranges as plan does, and requests nothing", async () => {
  const range = { topic: "orders", partition: 3, fromOffset: "5", untilOffset: "9" };
  const dryRun = { requestId: "again-1", ranges: [{ topicId: "id", ...range }] };

  const { code, events, printed } = await run([{ reprocess: [], dryRun }], { isDryRun: true });

  expect({ code, events }).toEqual({ code: 0, events: [{ reprocess: { ...asked, dryRun: true } }] });
  expect(JSON.parse(printed[0] ?? "")).toEqual({ ranges: [range] });
});

test.each([
  [{ reason: "nothing was reprocessed: no-such does not exist" }, undefined],
  [{ reason: "nothing was reprocessed: orders-3 [0, 9) ends above the log's end 5", passes: "end" }, "end"],
  [{ reason: "nothing was reprocessed: orders-3 [0, 9) begins below", passes: "beginning" }, "beginning"],
])(
  "what the function refuses is bad input in its own words, with the bound that is passed: %o",
  async (refusal, passes) => {
    const refused = run([{ refusal }]);

    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toMatchObject({ message: refusal.reason, passes });
  },
);

describe("waiting", () => {
  test("asks with the same event until the request is completed, and notes what changes", async () => {
    const steps = [answer({ closed: 0, open: 2 }), answer({ closed: 0, open: 2 }), answer({ closed: 2, open: 2 })];

    const { code, events, noted } = await run([...steps, answer({ closed: 4 })], { waits: true });

    expect(code).toBe(0);
    expect(events).toEqual(Array.from({ length: 4 }, () => ({ reprocess: asked })));
    expect(noted).toEqual([
      "again-1 open: 0 of 4 ranges closed, 2 open, 0 halted; 40 offsets = 40 left",
      "again-1 open: 2 of 4 ranges closed, 2 open, 0 halted; 40 offsets = 20 processed + 20 left",
      "again-1 completed: 4 of 4 ranges closed, 0 open, 0 halted; 40 offsets = 40 processed",
    ]);
  });

  test("ends with exit code 1 when all that is open waits for an operator, and says why", async () => {
    const { code, noted } = await run([answer({ closed: 3, open: 1, halted: 1 })], { waits: true });

    expect(code).toBe(1);
    expect(noted).toEqual([
      "again-1 open: 3 of 4 ranges closed, 1 open, 1 halted; 40 offsets = 30 processed + 10 left; orders-3 [5, 9) halted",
    ]);
  });

  test("goes on while one range is halted and another runs", async () => {
    const steps = [answer({ closed: 2, open: 2, halted: 1 }), answer({ closed: 3, open: 1, halted: 1 })];

    expect((await run(steps, { waits: true })).events).toHaveLength(2);
  });

  test("ends with exit code 1 when the request was cancelled", async () => {
    const { code, noted } = await run([answer({ closed: 1 }, { closedAll: true, cancelled: true })], { waits: true });

    expect({ code, noted }).toEqual({
      code: 1,
      noted: [
        "again-1 cancelled, not every offset was processed: 1 of 4 ranges closed, 0 open, 0 halted; 40 offsets = 10 processed + 30 left",
      ],
    });
  });

  test("ends with exit code 1 when all ranges are closed and an offset was not processed", async () => {
    const { code, noted, printed } = await run([answer({ closed: 4 }, { quarantined: 1 })], { waits: true });

    expect({ code, noted }).toEqual({
      code: 1,
      noted: [
        "again-1 closed, not every offset was processed: 4 of 4 ranges closed, 0 open, 0 halted; 40 offsets = 39 processed + 1 quarantined",
      ],
    });
    expect(JSON.parse(printed[0] ?? "")).toMatchObject({
      closed: true,
      completed: false,
      offsets: { quarantined: "1" },
    });
  });

  test("for a function of earlier code that says nothing of the offsets is told to deploy it anew", async () => {
    const { offsets: _absent, ...earlier } = answer({ closed: 4 }).reprocess[0] ?? expect.unreachable("no answer");

    await expect(run([{ reprocess: [earlier] }], { waits: true })).rejects.toThrow("deploy the scheduler anew");
  });

  test("survives a look that fails, not five in a row", async () => {
    const failed = new DispatchError("throttled");
    const first = answer({ closed: 0, open: 1 });

    const survived = await run([first, failed, answer({ closed: 4 })], { waits: true });

    expect(survived.code).toBe(0);
    expect(survived.noted).toContain("DispatchError: throttled; looking again");
    await expect(run([first, failed, failed, failed, failed, failed], { waits: true })).rejects.toThrow("throttled");
  });

  test("ends at once when it is interrupted", async () => {
    const running = answer({ closed: 0, open: 1 });

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
