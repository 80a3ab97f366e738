import { describe, expect, test } from "vitest";
import { cancelReprocess } from "../../../../functions/cli/commands/cancel-reprocess.ts";
import { readRequests } from "../../../../functions/cli/view/read-requests.ts";
import { requestTable } from "../../../../functions/cli/view/request-table.ts";
import { beginReprocess, driveReprocessRequests } from "../../../../functions/scheduler/reprocess/reprocess.ts";
import { accountFor, NO_OUTCOMES } from "../../../../shared/core/range/offset-outcomes.ts";
import { aHaltedRecord } from "../../../support/builders/builders.ts";
import { aReprocessPayload } from "../../../support/builders/reprocess-builders.ts";
import { createRecordingTerminal } from "../../../support/cli/recording-terminal.ts";
import { START } from "../../../support/fake-clock.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";

const PIPELINE = "word-count";
const place = { table: "t" };
const operator = { by: "ada", reason: "wrong topic" };
const everything = [0, 1, 2].map((partition) => ({ topic: "orders", partition, fromOffset: 0n, untilOffset: 10n }));

/** A request of six ranges over three partitions, of which two are open. */
async function aBench(requestId = "again-1"): Promise<SchedulerBench> {
  const bench = createSchedulerBench();
  bench.produceToEach(10);
  const asked = { split: { maxRecordsPerRange: 5n }, pacing: { maxConcurrentRanges: 2 } };
  await beginReprocess(bench.deps, bench.rules, aReprocessPayload(requestId, everything, asked));
  return bench;
}

async function drive(bench: SchedulerBench): Promise<void> {
  await driveReprocessRequests(bench.deps, bench.rules);
}

function cancel(bench: SchedulerBench, { requestId = "again-1", json = false, isDryRun = false, by = "ada" } = {}) {
  const terminal = createRecordingTerminal();
  const deps = { ledger: bench.ledger, terminal, now: bench.clock.now, place };
  const cancellation = { pipeline: PIPELINE, requestId, operator: { ...operator, by }, json, isDryRun };
  return cancelReprocess(deps, cancellation).then((code) => ({ code, printed: terminal.printed }));
}

describe("the status of a request", () => {
  test("counts its ranges and offsets: closed, open, halted, and since when", async () => {
    const bench = await aBench();
    bench.completeAll();
    bench.clock.advance(1_000);
    await drive(bench);
    const { chain, fromOffset, untilOffset } = bench.ledger.all()[1] ?? expect.unreachable("nothing is open");
    const halted = { chain, partition: 0, fromOffset, untilOffset, committedOffset: fromOffset + 2n };
    bench.ledger.put(aHaltedRecord({ ...halted, plannedAt: START + 1_000 }));

    const statuses = await readRequests(bench.ledger, PIPELINE, bench.clock.now());

    expect(statuses).toEqual([
      {
        pipeline: PIPELINE,
        requestId: "again-1",
        state: "open",
        ranges: { total: 6, closed: 2, open: 1, halted: 1 },
        offsets: accountFor(30n, { ...NO_OUTCOMES, processed: 12n }, 18n),
        requestedAt: START,
        oldestOpenAt: START + 1_000,
        haltedRanges: [expect.objectContaining({ chain, status: "FAILED" })],
      },
    ]);
    expect(requestTable(statuses, place)).toEqual([
      "PIPELINE    REQUEST  STATE  RANGES CLOSED  OPEN  HALTED  PROCESSED  OLDEST OPEN",
      "word-count  again-1  open   2 of 6         1     1       12 of 30   2026-01-01T00:00:01.000Z",
      `word-count again-1 orders-0 [${fromOffset}, ${untilOffset}): RangeReadError: the broker is gone`,
      `  npx ranges retry --table t --pipeline word-count --range orders:0:${fromOffset} --request-id again-1`,
    ]);
  });

  test("counts what was closed although no run has seen it", async () => {
    const bench = await aBench();
    bench.completeAll();

    expect(await readRequests(bench.ledger, PIPELINE, bench.clock.now())).toMatchObject([
      { state: "open", ranges: { closed: 2, open: 0 }, offsets: { processed: 10n, left: 20n } },
    ]);
  });

  test("of one that is cancelled says by whom, until and after it is completed", async () => {
    const bench = await aBench();
    await cancel(bench);
    const before = await readRequests(bench.ledger, PIPELINE, bench.clock.now());
    await drive(bench);

    const after = await readRequests(bench.ledger, PIPELINE, bench.clock.now());

    const cancelled = { ...operator, at: START };
    expect(before).toMatchObject([{ state: "cancelling", cancelled, ranges: { open: 2 } }]);
    expect(after).toMatchObject([{ state: "cancelled", cancelled, completedAt: START, ranges: { total: 6, open: 0 } }]);
    expect(requestTable(after, place).at(-1)).toBe(
      "word-count again-1: cancelled by ada at 2026-01-01T00:00:00.000Z: wrong topic",
    );
  });

  test("is nothing where there is no request", () => {
    expect(requestTable([], place)).toEqual([]);
  });
});

describe("cancelling a request", () => {
  test("is kept with who and why, and says what becomes of its ranges", async () => {
    const bench = await aBench();

    const { code, printed } = await cancel(bench);

    expect({ code, printed }).toEqual({
      code: 0,
      printed: [
        "again-1 cancelled by ada: wrong topic; 0 ranges are closed, 2 were open and are skipped unless they run",
      ],
    });
    expect(await bench.ledger.openReprocesses(PIPELINE)).toMatchObject([{ cancelled: { ...operator, at: START } }]);
  });

  test("twice changes nothing: who was first stays", async () => {
    const bench = await aBench();
    await cancel(bench);

    const open = await cancel(bench, { by: "ben" });
    await drive(bench);
    const completed = await cancel(bench, { by: "ben", json: true });

    expect(open.code).toBe(0);
    expect(open.printed[0]).toContain("again-1 was cancelled before by ada");
    expect(completed.code).toBe(0);
    expect(JSON.parse(completed.printed[0] ?? "")).toMatchObject({ applied: false, cancelled: { by: "ada" } });
  });

  test("that is completed is refused", async () => {
    const bench = await aBench();
    for (let runs = 0; runs < 4; runs += 1) {
      bench.completeAll();
      await drive(bench);
    }

    const { code, printed } = await cancel(bench);

    expect({ code, printed }).toEqual({
      code: 1,
      printed: ["again-1 is closed since 2026-01-01T00:00:00.000Z: there is nothing to cancel"],
    });
  });

  test("as a dry run changes nothing", async () => {
    const bench = await aBench();

    const { printed } = await cancel(bench, { isDryRun: true });

    expect(printed[0]).toMatch(/^would be: again-1 cancelled by ada/);
    expect(await bench.ledger.openReprocesses(PIPELINE)).not.toMatchObject([{ cancelled: operator }]);
  });

  test("that the ledger does not know is bad input", async () => {
    await expect(cancel(await aBench(), { requestId: "again-9" })).rejects.toThrow(
      'request "again-9" of word-count is not',
    );
  });

  test("takes it off the list also when its own item was lost", async () => {
    const bench = await aBench();
    await cancel(bench);
    const readReprocess = async () => undefined;
    const deps = { ...bench.deps, ledger: { ...bench.ledger, readReprocess } };

    const [outcome] = await driveReprocessRequests(deps, bench.rules);

    expect(outcome).toMatchObject({ ranges: [], failure: expect.stringContaining("has no ranges of it") });
    expect(await bench.ledger.openReprocesses(PIPELINE)).toEqual([]);
  });
});
