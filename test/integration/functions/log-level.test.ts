// What `logLevel` makes of both functions' logs: the shipped handlers as Lambda runs
// them, over a real broker and table.

import { describe, expect, test } from "vitest";
import type { Variables } from "../../support/functions/handler-pair.ts";
import type { InvokedHandler } from "../../support/functions/invoke-handler.ts";
import { openLambdaPipeline } from "../../support/functions/lambda-pipeline.ts";
import { LOGGED_BYTES } from "../../support/functions/logged-bytes.ts";

/** As Lambda says it to a function whose application log level is INFO. */
const FILTERED_BY_LAMBDA = { AWS_LAMBDA_LOG_LEVEL: "INFO" };

const messages = ({ entries }: InvokedHandler) => entries.flatMap(({ message }) => message ?? []);
const metricsOf = ({ entries }: InvokedHandler) => entries.filter(({ _aws }) => _aws !== undefined);

async function runBatch(scheduler: Variables, processor: Variables) {
  const pair = await openLambdaPipeline();
  const scheduled = await pair.schedule(scheduler);
  const [event = ""] = pair.dispatched;
  const processed = await pair.process(event, { variables: processor });
  expect(processed.result).toMatchObject({ kind: "completed" });
  return { scheduled, processed };
}

describe("what a batch of one range logs", () => {
  test("by default: a line for the run, and one for the range, of the size that the deploy guide counts with", async () => {
    const { scheduled, processed } = await runBatch({}, {});

    expect(messages(scheduled)).toEqual(["scheduler run"]);
    expect(messages(processed)).toEqual(["range completed"]);
    const [line = "", metrics = ""] = processed.lines;
    // To a twentieth: numbers have more digits or fewer.
    expect(line.length / LOGGED_BYTES.line).toBeCloseTo(1, 1);
    expect(metrics.length / LOGGED_BYTES.metrics).toBeCloseTo(1, 1);
    // Every fifth minute a run has two metrics more, of open transactions.
    const ofRun = scheduled.lines.join("").length / LOGGED_BYTES.run;
    expect(ofRun).toBeGreaterThan(0.95);
    expect(ofRun).toBeLessThan(1.2);
  });

  test("CL1: WARN: a line for the run, none for the range, and the metrics of both", async () => {
    const { scheduled, processed } = await runBatch(
      { ...FILTERED_BY_LAMBDA, POWERTOOLS_LOG_LEVEL: "INFO" },
      { ...FILTERED_BY_LAMBDA, POWERTOOLS_LOG_LEVEL: "WARN" },
    );

    expect(messages(scheduled)).toEqual(["scheduler run"]);
    expect(messages(processed)).toEqual([]);
    expect(metricsOf(scheduled)).toMatchObject([{ SchedulerRuns: 1, RangesPlanned: 1 }]);
    expect(metricsOf(processed)).toMatchObject([{ RangesCompleted: 1, RecordsProcessed: 3 }]);
  });

  test("ERROR: the metrics, and nothing else", async () => {
    const quiet = { ...FILTERED_BY_LAMBDA, POWERTOOLS_LOG_LEVEL: "ERROR" };

    const { scheduled, processed } = await runBatch(quiet, quiet);

    expect(messages(scheduled)).toEqual([]);
    expect(messages(processed)).toEqual([]);
    expect(metricsOf(scheduled)).toHaveLength(1);
    expect(metricsOf(processed)).toHaveLength(1);
  });
});

test.each(["WARN", "ERROR"])("%s: a range that fails is logged with its error", async (level) => {
  const pair = await openLambdaPipeline();
  await pair.schedule();
  const [event = ""] = pair.dispatched;

  const processed = await pair.process(event, {
    body: 'throw new TypeError("no such word");',
    variables: { ...FILTERED_BY_LAMBDA, POWERTOOLS_LOG_LEVEL: level },
  });

  expect(processed.entries).toContainEqual(
    expect.objectContaining({ level: "ERROR", error: expect.objectContaining({ name: "TypeError" }) }),
  );
});

test("without a level of the pipeline's own, Lambda's decides", async () => {
  const quiet = { AWS_LAMBDA_LOG_LEVEL: "WARN" };

  const { scheduled, processed } = await runBatch(quiet, quiet);

  expect([...messages(scheduled), ...messages(processed)]).toEqual([]);
});
