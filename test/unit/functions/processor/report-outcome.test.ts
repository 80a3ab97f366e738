import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { expect, onTestFinished, test, vi } from "vitest";
import { reportForeign } from "../../../../functions/processor/report-foreign.ts";
import { reportOutcomes } from "../../../../functions/processor/report-outcome.ts";
import { ConfigurationError, ForeignPipelineError } from "../../../../shared/core/errors.ts";
import { aRangeRecord } from "../../../support/builders/builders.ts";

/** A real logger, and the lines that it printed. */
function aLogger() {
  vi.stubEnv("POWERTOOLS_DEV", "true");
  const printed = vi.spyOn(console, "error").mockReturnValue(undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  onTestFinished(() => printed.mockRestore());
  const logger = new Logger({ persistentKeys: { pipeline: "audit" } });
  return { logger, lines: () => printed.mock.calls.map(([line]) => JSON.parse(String(line))) };
}

test("an error that the logger cannot read whole is logged by what can be read of it", () => {
  const { logger, lines } = aLogger();
  const error = Object.defineProperty(new TypeError("no"), "request", {
    enumerable: true,
    get: () => {
      throw new Error("request is not for reading");
    },
  });

  const outcome = { kind: "failed", record: aRangeRecord(), error } as const;
  reportOutcomes(logger, new Metrics({ namespace: "test" }), aRangeRecord(), [outcome]);

  expect(lines()).toEqual([
    expect.objectContaining({ message: "range failed", error: expect.objectContaining({ message: "no" }) }),
  ]);
});

test("L7: a refused range is logged with both pipelines, and nothing else is", () => {
  const { logger, lines } = aLogger();

  reportForeign(logger, new ConfigurationError("another failure"));
  reportForeign(logger, new ForeignPipelineError("orders-3", { pipeline: "billing", ownPipeline: "audit" }));

  expect(lines()).toEqual([
    expect.objectContaining({ level: "ERROR", ownPipeline: "audit", foreignPipeline: "billing", pipeline: "audit" }),
  ]);
});
