import type { Logger } from "@aws-lambda-powertools/logger";
import type { Metrics } from "@aws-lambda-powertools/metrics";
import { expect, test } from "vitest";
import type { ProcessOutcome } from "../../../../functions/processor/attempt/processor-deps.ts";
import { reportOutcomes } from "../../../../functions/processor/report-outcome.ts";
import { aHaltedRecord, aRangeRecord } from "../../../support/builders/builders.ts";

/** What is logged and measured of one attempt. */
function reported(outcome: ProcessOutcome) {
  const lines: (readonly [string, unknown])[] = [];
  const metrics: (readonly [string, number])[] = [];
  const log = (message: string, details: unknown) => void lines.push([message, details]);
  const addMetric = (name: string, _unit: string, value: number) => void metrics.push([name, value]);
  // All that the report uses of them.
  const logger = { info: log, error: log } as unknown as Logger;
  reportOutcomes(logger, { addMetric } as unknown as Metrics, aRangeRecord(), [outcome]);
  return { lines, metrics };
}

test("the line of a halted range says what its code had in hand", () => {
  const error = new SyntaxError("not JSON");
  const inHand = { fromOffset: 7n, untilOffset: 8n };
  const record = aHaltedRecord({ error: { name: error.name, message: error.message, inHand } });

  const { lines } = reported({ kind: "halted", record, error });

  expect(lines).toMatchObject([["range halted", { error, inHand: { fromOffset: "7", untilOffset: "8" } }]]);
});

test("a record that an operator gave up is counted by itself, not as lost", () => {
  const record = aRangeRecord({ status: "SKIPPED", committedOffset: 8n });

  const { lines, metrics } = reported({ kind: "skipped", record });

  expect(lines).toMatchObject([["range skipped", { committedOffset: "8" }]]);
  expect(metrics).toContainEqual(["RecordsSkipped", 1]);
  expect(metrics.map(([name]) => name)).not.toContain("OffsetsLost");
});
