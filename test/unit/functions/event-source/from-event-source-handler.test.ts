import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { EventSourceMapping } from "../../../../functions/event-source/event-source-mapping.ts";
import { fromEventSourceHandler, rangeOf } from "../../../../functions/event-source/from-event-source-handler.ts";
import type { KafkaEvent } from "../../../../functions/event-source/kafka-event.ts";
import type { InvocationContext } from "../../../../functions/lambda-handler.ts";
import { type RecordInput, recordsOf } from "../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../functions/testing/run-range.ts";
import { createTestClock } from "../../../../functions/testing/test-clock.ts";

const REPORTS: EventSourceMapping = { FunctionResponseTypes: ["ReportBatchItemFailures"] };
const SIX = ["a", "b", "c", "d", "e", "f"];

interface Called {
  readonly offsets: readonly (readonly number[])[];
  readonly result: Awaited<ReturnType<typeof runRange>>;
}

/** Runs a range of these records, and tells the offsets of each call. */
async function run(
  records: readonly (RecordInput | string)[],
  mapping: EventSourceMapping,
  answer: (event: KafkaEvent, context: InvocationContext) => unknown = () => undefined,
): Promise<Called> {
  const offsets: (readonly number[])[] = [];
  const handler = async (event: KafkaEvent, context: InvocationContext) => {
    offsets.push(Object.values(event.records).flatMap((inside) => inside.map(({ offset }) => offset)));
    return answer(event, context);
  };
  const result = await runRange(fromEventSourceHandler(handler, mapping), { records: recordsOf(records) });
  return { offsets, result };
}

const failing = (...offsets: readonly unknown[]) => ({
  batchItemFailures: offsets.map((offset) => ({ itemIdentifier: { partition: "orders-0", offset } })),
});

describe("the event", () => {
  const record: RecordInput = {
    key: "recordKey",
    value: { key: "value" },
    headers: [
      { key: "headerKey", value: "headerValue" },
      { key: "headerKey", value: new Uint8Array([0, 127, 128, 255]) },
      { key: "none", value: null },
    ],
    timestamp: 1_545_084_650_987,
    offset: 15,
  };
  const eventRecord = {
    topic: "mytopic",
    partition: 0,
    offset: 15,
    timestamp: 1_545_084_650_987,
    timestampType: "CREATE_TIME",
    key: "cmVjb3JkS2V5",
    value: "eyJrZXkiOiJ2YWx1ZSJ9",
    headers: [
      { headerKey: [104, 101, 97, 100, 101, 114, 86, 97, 108, 117, 101] },
      { headerKey: [0, 127, -128, -1] },
      { none: [] },
    ],
  };
  const EventSourceArn = "arn:aws:kafka:us-east-1:0123456789019:cluster/SalesCluster/abcd1234";
  const servers = ["b-2.demo:9092", "b-1.demo:9092"];
  const SelfManagedEventSource = { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: servers } };

  test.each<[string, EventSourceMapping, Partial<KafkaEvent>]>([
    [
      "an MSK cluster",
      { EventSourceArn },
      { eventSource: "aws:kafka", eventSourceArn: EventSourceArn, bootstrapServers: "b-3.pipeline:9092" },
    ],
    [
      "a Kafka of one's own",
      { SelfManagedEventSource },
      { eventSource: "SelfManagedKafka", bootstrapServers: "b-2.demo:9092,b-1.demo:9092" },
    ],
  ])("KE1: is that of AWS's documentation for %s", async (_, mapping, own) => {
    const events: KafkaEvent[] = [];
    vi.stubEnv("RANGES_BOOTSTRAP_SERVERS", "b-3.pipeline:9092");
    onTestFinished(() => void vi.unstubAllEnvs());

    await runRange(
      fromEventSourceHandler((event: KafkaEvent) => void events.push(event), mapping),
      {
        topic: "mytopic",
        records: recordsOf([record]),
      },
    );

    expect(events).toEqual([{ ...own, records: { "mytopic-0": [eventRecord] } }]);
  });

  test("KE1: says null of a key and a value that are not there", async () => {
    const { result } = await run([{ value: null }], {}, ({ records }) => {
      expect(records["orders-0"]?.[0]).toMatchObject({ key: null, value: null, headers: [] });
    });

    expect(result.status).toBe("completed");
  });
});

describe("EH1: a batch", () => {
  test("has the mapping's size, the last one what is left", async () => {
    expect((await run(SIX, { BatchSize: 4 })).offsets).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
  });

  test("has a hundred records where the mapping says nothing", async () => {
    const { offsets } = await run(
      Array.from({ length: 150 }, () => "x"),
      {},
    );

    expect(offsets.map(({ length }) => length)).toEqual([100, 50]);
  });

  test("is no larger than Lambda's payload, unless one record alone is", async () => {
    const [large, huge] = [Buffer.alloc(2_000_000), Buffer.alloc(5_000_000)];
    const bytes: number[] = [];
    const { offsets } = await run(
      [large, large, large, huge, "x"].map((value) => ({ value, headers: { '"': new Uint8Array([128]) } })),
      {},
      (event) => void bytes.push(JSON.stringify(event).length),
    );

    expect(offsets).toEqual([[0, 1], [2], [3], [4]]);
    expect(bytes.filter((length) => length > 6_291_456)).toHaveLength(1);
  });

  test("has only records that pass the filter, and is committed with those that do not", async () => {
    const FilterCriteria = { Filters: [{ Pattern: '{"value": [{"anything-but": ["b", "c", "f"]}]}' }] };

    const { offsets, result } = await run(SIX, { FilterCriteria, BatchSize: 2 });

    expect(offsets).toEqual([[0, 3], [4]]);
    expect(result).toMatchObject({ status: "completed", committedOffset: 6n });
  });

  test("is not there where no record passes", async () => {
    const { offsets, result } = await run(SIX, { FilterCriteria: { Filters: [{ Pattern: '{"value": ["z"]}' }] } });

    expect(offsets).toEqual([]);
    expect(result.status).toBe("completed");
  });
});

describe("EH2: what a call does", () => {
  test("is committed before the next", async () => {
    const { result } = await run(SIX, { BatchSize: 2 }, ({ records }) => {
      if (records["orders-0"]?.[0]?.offset === 4) {
        throw new Error("not these");
      }
    });

    expect(result).toMatchObject({
      status: "failed",
      committedOffset: 4n,
      error: { message: "not these" },
      failedAt: { fromOffset: 4n, untilOffset: 6n },
    });
  });

  test("is committed up to the lowest offset that it reports as failed", async () => {
    const { result } = await run(SIX, { ...REPORTS, BatchSize: 4 }, ({ records }) =>
      records["orders-0"]?.[0]?.offset === 0 ? failing(3, 2) : undefined,
    );

    expect(result).toMatchObject({
      status: "failed",
      committedOffset: 2n,
      error: { name: "BatchItemFailureError", offsets: [2n, 3n] },
      failedAt: { fromOffset: 2n, untilOffset: 3n },
    });
  });

  test("is committed up to that offset where what is before the batch was filtered out as well", async () => {
    const FilterCriteria = { Filters: [{ Pattern: '{"value": [{"anything-but": ["a", "c"]}]}' }] };

    const { offsets, result } = await run(SIX, { ...REPORTS, FilterCriteria }, () => failing(3));

    expect(offsets).toEqual([[1, 3, 4, 5]]);
    expect(result).toMatchObject({
      status: "failed",
      committedOffset: 3n,
      error: { name: "BatchItemFailureError", offsets: [3n] },
    });
  });

  test("counts as a success where the mapping does not ask for failures", async () => {
    expect((await run(SIX, {}, () => failing(3))).result.status).toBe("completed");
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["an object of something else", { statusCode: 200, body: "ok", failed: 0, items: [{ id: 1 }] }],
    ["no list", { batchItemFailures: null }],
    ["an empty list", { batchItemFailures: [] }],
  ])("IT1: counts as a success where it answers %s", async (_, answer) => {
    expect((await run(SIX, REPORTS, () => answer)).result.status).toBe("completed");
  });

  test.each([
    ["something else than a list", { batchItemFailures: {} }],
    ["an entry that is null", { batchItemFailures: [null] }],
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["an identifier of SQS", { batchItemFailures: [{ itemIdentifier: "059f36b4" }] }],
    ["another partition", { batchItemFailures: [{ itemIdentifier: { partition: "orders-1", offset: 2 } }] }],
    ["an offset that was not in the event", failing(2, 99)],
    ["an offset that is a text", failing("2")],
  ])("IT2: counts as failed as a whole where it answers with %s", async (_, answer) => {
    const { result } = await run(SIX, REPORTS, () => answer);

    expect(result).toMatchObject({
      status: "failed",
      committedOffset: 0n,
      error: { name: "BatchItemFailureError", offsets: [0n, 1n, 2n, 3n, 4n, 5n] },
      failedAt: { fromOffset: 0n, untilOffset: 6n },
    });
    expect(result.error?.message).toMatch(/batchItemFailures.*expected \{ itemIdentifier: \{ partition: "orders-0"/);
  });
});

test("the handler has Lambda's context, and the range by it, on reprocess too", async () => {
  const records = recordsOf(["a"]);
  const seen: unknown[] = [];
  const handler = (_: KafkaEvent, context: InvocationContext) => {
    const { mode, requestId, fromOffset, untilOffset } = rangeOf(context);
    seen.push({ mode, requestId, fromOffset, untilOffset, leftMs: context.getRemainingTimeInMillis() });
  };

  await runRange(fromEventSourceHandler(handler), {
    records,
    mode: "reprocess",
    requestId: "again-1",
    timeLeftMs: 60_000,
  });

  expect(seen).toEqual([{ mode: "reprocess", requestId: "again-1", fromOffset: 0n, untilOffset: 1n, leftMs: 60_000 }]);
  expect(() => rangeOf({})).toThrow(/no handler is called with this context/);
});

test("IT3: failures are those that the answer has as JSON", async () => {
  class Response {
    readonly #failed = failing(1);

    toJSON(): unknown {
      return this.#failed;
    }
  }

  const result = await runRange(
    fromEventSourceHandler(async () => new Response(), REPORTS),
    { records: recordsOf(SIX) },
  );

  expect([result.error?.name, result.committedOffset]).toEqual(["BatchItemFailureError", 1n]);
});

test("the time that is up ends the range between two calls, what was done committed", async () => {
  const clock = createTestClock();
  const calls: number[] = [];
  const handler = async ({ records }: KafkaEvent) => {
    calls.push(records["orders-0"]?.[0]?.offset ?? -1);
    clock.advance(28_000);
  };

  const result = await runRange(fromEventSourceHandler(handler, { BatchSize: 2 }), {
    records: recordsOf(SIX),
    clock,
    timeLeftMs: 60_000,
  });

  expect(calls).toEqual([0, 2]);
  expect(result).toMatchObject({ status: "released", committedOffset: 4n });
});

test("EH2: the time that is up keeps what the filter left out, so that it is not read again", async () => {
  const FilterCriteria = { Filters: [{ Pattern: '{"value": ["f"]}' }] };
  const calls: number[] = [];
  const handler = ({ records }: KafkaEvent) => void calls.push(records["orders-0"]?.[0]?.offset ?? -1);

  const result = await runRange(fromEventSourceHandler(handler, { FilterCriteria }), {
    records: recordsOf(SIX),
    recordsPerBatch: 1,
    msPerRecord: 28_000,
    timeLeftMs: 60_000,
  });

  expect(calls).toEqual([]);
  expect(result.status).toBe("released");
  expect(result.committedOffset).toBeGreaterThan(1n);
});

test("EH2: records that wait for their batch are not committed when the time is up", async () => {
  const FilterCriteria = { Filters: [{ Pattern: '{"value": [{"anything-but": ["a", "b", "d"]}]}' }] };

  const result = await runRange(
    fromEventSourceHandler(() => {}, { FilterCriteria }),
    {
      records: recordsOf(SIX),
      recordsPerBatch: 1,
      msPerRecord: 14_000,
      timeLeftMs: 60_000,
    },
  );

  expect(result).toMatchObject({ status: "released", committedOffset: 2n });
});

test("something else than a handler is refused", () => {
  expect(() => fromEventSourceHandler("handler" as never)).toThrow(/it was given no function/);
});

test("a range outside of an invocation is refused", async () => {
  const range = {
    topic: "orders",
    partition: 0,
    signal: new AbortController().signal,
    records: async function* () {
      yield* recordsOf(["a"]);
    },
  };

  await expect(fromEventSourceHandler(() => {})(range as never)).rejects.toThrow(/there is no Lambda context/);
});
