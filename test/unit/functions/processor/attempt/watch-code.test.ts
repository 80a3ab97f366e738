import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { outliveCode, watchCode } from "../../../../../functions/processor/attempt/watch-code.ts";
import type { ProcessingRange } from "../../../../../functions/processor/session/processing-range.ts";
import { aProcessorBench, takeAll } from "../../../../support/pipeline/processor-bench.ts";

test("WC1, FT12: an invocation whose range was handed back from running code waits for that code, and tells so first", async () => {
  const bench = aProcessorBench();
  const lastCall = new AbortController();
  const query = Promise.withResolvers<void>();
  const code = watchCode(async (range: ProcessingRange<string>) => {
    await takeAll(range);
    lastCall.abort();
    await query.promise;
    return [];
  });
  const tell = vi.fn();
  const returned = vi.fn();

  const outcome = await bench.attempt(code.process, { lastCall: lastCall.signal });
  const invocation = outliveCode(code, tell).then(returned);
  await setImmediate();

  expect(outcome).toMatchObject({ kind: "failed", record: { status: "FAILED" } });
  expect(tell).toHaveBeenCalledOnce();
  expect(returned).not.toHaveBeenCalled();
  query.resolve();
  await invocation;
  expect(returned).toHaveBeenCalledOnce();
});

test.each<[string, () => Promise<readonly string[]>]>([
  ["returned", async () => []],
  ["thrown", async () => Promise.reject(new Error("bad"))],
])("code that has %s is not waited for", async (_, process) => {
  const bench = aProcessorBench();
  const code = watchCode<string>(process);
  const tell = vi.fn();

  await bench.attempt(code.process);
  await outliveCode(code, tell);

  expect(code.isRunning).toBe(false);
  expect(tell).not.toHaveBeenCalled();
});
