import { expect, test } from "vitest";
import { verifyLedger } from "../../../../../functions/cli/commands/verify-ledger.ts";
import { proveOutputs } from "../../../../../functions/cli/outputs/prove-outputs.ts";
import { createRecordingTerminal } from "../../../../support/cli/recording-terminal.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

/** A pipeline without an archive, on three partitions, held against its archives. */
async function verifyArchives({
  isProcessed,
  delivered = 5n,
}: {
  readonly isProcessed: boolean;
  readonly delivered?: bigint;
}) {
  const bench = createSchedulerBench(3);
  bench.produceToEach(5);
  await bench.tick();
  if (isProcessed) {
    bench.completeAll();
    for (const record of bench.ledger.all()) {
      bench.ledger.put({ ...record, counts: { ...record.counts, delivered } });
    }
  }
  const terminal = createRecordingTerminal();
  const { ledger } = bench;
  const deps = { ledger, terminal, now: bench.clock.now };
  const access = () => Promise.reject(new Error("no bucket is named"));
  const archives = { access, endpointUrl: undefined, isDeep: false };
  const code = await verifyLedger(
    { ...deps, proveOutputs: () => proveOutputs({ ...deps, positions: [], archives }, undefined) },
    { pipeline: undefined, json: false, strict: false },
  );
  return { code, lines: terminal.printed };
}

test("an output that was named, and that no processed range tells of, is a problem with a hint", async () => {
  const { code, lines } = await verifyArchives({ isProcessed: true });

  expect(code).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(/^word-count: receiptMissing: S3 at -: 3 ranges are processed, and .*see --outputs kafka/),
  );
});

test("of ranges without a record there is nothing to hold against an output", async () => {
  expect(await verifyArchives({ isProcessed: true, delivered: 0n })).toMatchObject({ code: 0 });
});

test("before anything is processed there is nothing to hold an output against", async () => {
  const { code, lines } = await verifyArchives({ isProcessed: false });

  expect(code).toBe(0);
  expect(lines).toContain("no output was held against the ledger");
});
