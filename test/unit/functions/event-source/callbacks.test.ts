// Handlers that answer by a callback, as Lambda's runtimes up to Node.js 22 give every handler one.

import { describe, expect, test } from "vitest";
import type { EventSourceMapping } from "../../../../functions/event-source/event-source-mapping.ts";
import {
  type EventSourceHandler,
  fromEventSourceHandler,
  type RecordsByPartition,
} from "../../../../functions/event-source/from-event-source-handler.ts";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../functions/testing/run-range.ts";

const REPORTS: EventSourceMapping = { FunctionResponseTypes: ["ReportBatchItemFailures"] };
const SIX = ["a", "b", "c", "d", "e", "f"];

/** A parameter with a default does not count in a function's length. */
const ignore = () => undefined;

const failing = (offset: number) => ({
  batchItemFailures: [{ itemIdentifier: { partition: "orders-0", offset } }],
});

describe("a handler that takes a callback, as Lambda's runtimes up to Node.js 22 called it", () => {
  type Callback = (error?: unknown, answer?: unknown) => void;

  test.each<[string, EventSourceHandler<RecordsByPartition>, string]>([
    [
      "answers by it",
      (_: RecordsByPartition, __: object, callback: Callback) => callback(null, failing(1)),
      "BatchItemFailureError",
    ],
    [
      "fails by it",
      (_: RecordsByPartition, __: object, callback: Callback) => callback(new TypeError("no")),
      "TypeError",
    ],
    [
      "throws",
      (event: RecordsByPartition, context: object, callback: Callback) => {
        throw new RangeError(`called with ${[event, context, callback].length}`);
      },
      "RangeError",
    ],
    [
      "answers by a promise all the same",
      async (event: RecordsByPartition, context: object, callback: Callback) =>
        [event, context, callback].includes(event) ? failing(2) : undefined,
      "BatchItemFailureError",
    ],
  ])("%s", async (_, handler, name) => {
    const result = await runRange(fromEventSourceHandler(handler, REPORTS), { records: recordsOf(SIX) });

    expect(result.error?.name).toBe(name);
  });
});

describe("a handler that does not say so by its parameters", () => {
  type Callback = (error?: unknown, answer?: unknown) => void;
  const legacy = (_: unknown, __: unknown, callback?: Callback) => {
    setImmediate(() => callback?.(new TypeError("the database refused")));
  };

  test("is told of an error that is called back at once", async () => {
    const handler = (event: unknown, context: unknown, callback: Callback = ignore) => legacy(event, context, callback);

    const result = await runRange(fromEventSourceHandler(handler), { records: recordsOf(SIX) });

    expect([result.status, result.error?.name, result.committedOffset]).toEqual(["failed", "TypeError", 0n]);
  });

  test("and is wrapped, is waited for", async () => {
    const wrapped = (...args: readonly unknown[]) => legacy(...(args as Parameters<typeof legacy>));

    const result = await runRange(fromEventSourceHandler(wrapped), { records: recordsOf(SIX) });

    expect([result.status, result.error?.name, result.committedOffset]).toEqual(["failed", "TypeError", 0n]);
  });

  test("is told of an error that comes too late, with the next call", async () => {
    const callbacks: Callback[] = [];
    const handler = (_: unknown, __: unknown, callback: Callback = ignore) => {
      callbacks.push(callback);
      callbacks.at(-2)?.(new TypeError("the database refused"));
    };
    const code = fromEventSourceHandler(handler, { BatchSize: 1 });

    const result = await runRange(code, { records: recordsOf(SIX) });
    const afterwards = await runRange(code, { records: recordsOf(["a"]) });

    expect([result.status, result.error?.name, result.committedOffset]).toEqual(["halted", "MisuseError", 2n]);
    expect(afterwards.status).toBe("completed");
  });

  test.each<[string, EventSourceHandler<RecordsByPartition>]>([
    ["returns nothing", ({ records }: RecordsByPartition) => (records === undefined ? {} : undefined)],
    ["answers without a promise", () => ({ batchItemFailures: [] })],
  ])("and %s, has done all", async (_, handler) => {
    const result = await runRange(fromEventSourceHandler(handler, REPORTS), { records: recordsOf(SIX) });

    expect(result.status).toBe("completed");
  });
});
