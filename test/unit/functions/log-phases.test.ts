import { Logger } from "@aws-lambda-powertools/logger";
import { expect, test, vi } from "vitest";
import { logPhases } from "../../../functions/log-phases.ts";
import { commitEach, createProcessorBench, ORDERS_0 } from "../../support/pipeline/processor-bench.ts";
import { createSchedulerBench } from "../../support/pipeline/scheduler-bench.ts";

/** The debug lines of the run, as the logger is asked for them. */
async function linesOf(logLevel: "DEBUG" | "INFO", run: (phases: ReturnType<typeof logPhases>) => Promise<unknown>) {
  const logger = new Logger({ logLevel });
  const debug = vi.spyOn(logger, "debug").mockImplementation(() => undefined);
  await run(logPhases(logger));
  return debug.mock.calls.map(([message, extra]) => ({ message, ...(extra as { readonly facts: object }) }));
}

test("at DEBUG a scheduler's run tells of each of its phases, with numbers", async () => {
  const bench = createSchedulerBench(2);
  bench.produce(0, 5);

  const lines = await linesOf("DEBUG", (phases) => bench.tick({}, phases));

  expect(lines).toEqual([
    { message: "source described", facts: expect.objectContaining({ partitions: 2 }) },
    { message: "partitions observed", facts: expect.objectContaining({ ranges: 2 }) },
    { message: "starts frozen", facts: expect.objectContaining({ revision: 1, reprocessed: 0 }) },
    { message: "batch planned", facts: { plan: 1, anchor: 1 } },
    { message: "batch carried out", facts: { planned: 1, anchored: 1 } },
  ]);
});

test("at DEBUG an attempt tells of each of its phases, and never what a record holds", async () => {
  const bench = createProcessorBench();
  bench.log.append(ORDERS_0, ["secret-1", "secret-2"]);
  bench.plan(0n, 2n);

  const lines = await linesOf("DEBUG", (deps) => bench.attempt(commitEach, { deps }));

  expect(lines.map(({ message }) => message)).toEqual(["range claimed", "piece processed", "piece committed"]);
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test("above DEBUG nothing is told, and nothing prepared to be", async () => {
  const bench = createSchedulerBench(1);

  expect(logPhases(new Logger({ logLevel: "INFO" }))).toEqual({});
  await expect(linesOf("INFO", (phases) => bench.tick({}, phases))).resolves.toEqual([]);
});
