// Faults of the deploy guide's table that the functions' own logs tell: the shipped
// handlers as Lambda runs them, over a real broker and table.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { LAST_CALL_MARGIN_MS } from "../../../shared/core/limits.ts";
import { openLambdaPipeline } from "../../support/functions/lambda-pipeline.ts";

/** Lambda as it answers a role without `lambda:InvokeFunction`. */
async function refuseInvocations(): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(403, { "x-amzn-errortype": "AccessDeniedException" });
    response.end(JSON.stringify({ Message: "not authorized to perform: lambda:InvokeFunction" }));
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's.
  return `http://127.0.0.1:${port}`;
}

test("FT1: a missing permission to invoke is logged with its reason and counted", async () => {
  const pipeline = await openLambdaPipeline();

  const { entries } = await pipeline.schedule({ AWS_ENDPOINT_URL_LAMBDA: await refuseInvocations() });

  const reason = expect.stringMatching(/AccessDeniedException: not authorized to perform: lambda:InvokeFunction/);
  expect(entries).toContainEqual(
    expect.objectContaining({
      level: "ERROR",
      message: "range was not dispatched",
      partition: expect.objectContaining({ partition: 0, reason }),
    }),
  );
  expect(entries).toContainEqual(expect.objectContaining({ SchedulerRuns: 1, DispatchesFailed: 1 }));
});

test("FT3: a scheduler that fails throws what is wrong, and counts no run", async () => {
  const pipeline = await openLambdaPipeline();

  const { thrown, entries } = await pipeline.schedule({ RANGES_LEDGER_TABLE: "no-such-table" });

  expect(thrown).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("no-such-table") });
  expect(entries).not.toContainEqual(expect.objectContaining({ SchedulerRuns: expect.anything() }));
});

test("FT11: a service out of reach fails the invocation by its name and address, before any work", async () => {
  const pipeline = await openLambdaPipeline();

  const scheduled = await pipeline.schedule({ AWS_ENDPOINT_URL_LAMBDA: "http://127.0.0.1:1" });
  await pipeline.schedule();
  const [event = ""] = pipeline.dispatched;
  const processed = await pipeline.process(event, { variables: { AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });

  expect(scheduled.thrown?.message).toMatch(/^lambda: 127\.0\.0\.1:1 cannot be reached .*VPC endpoint/);
  expect(processed.thrown?.message).toMatch(/^dynamodb: 127\.0\.0\.1:1 cannot be reached .*VPC endpoint/);
});

test("FT12: code that outlives its range is told by a log line while it still runs", async () => {
  const pipeline = await openLambdaPipeline();
  await pipeline.schedule();
  const [event = ""] = pipeline.dispatched;

  const { entries, result } = await pipeline.process(event, {
    // Ends only once the line is written.
    body: `for await (const batch of range.batches()) void batch;
      const { write } = process.stderr;
      await new Promise((resolve) => {
        process.stderr.write = (line, ...rest) => {
          if (String(line).includes("the code goes on")) setImmediate(resolve);
          return write.call(process.stderr, line, ...rest);
        };
      });`,
    // The code has to begin within it, also on a machine that is busy.
    remainingMs: LAST_CALL_MARGIN_MS + 6_000,
  });

  const message = expect.stringMatching(/^the code goes on although its range was handed back/);
  expect(entries).toContainEqual(expect.objectContaining({ level: "ERROR", message }));
  expect(result).toMatchObject({ kind: expect.stringMatching(/failed|released/) });
});
