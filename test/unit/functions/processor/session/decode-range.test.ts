import { describe, expect, expectTypeOf, test } from "vitest";
import { createRangeProcessor } from "../../../../../functions/processor/create-range-processor.ts";
import type { HowToDecode, ProcessingRange } from "../../../../../functions/processor/session/processing-range.ts";
import { recordsOf } from "../../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../../functions/testing/run-range.ts";
import {
  SchemaRegistryError,
  UndecodableError,
  UnusableSchemaError,
} from "../../../../../shared/core/decode/decode-errors.ts";
import type { Deserializer } from "../../../../../shared/core/decode/deserializer.ts";
import { blameOf } from "../../../../../shared/core/failure/blame-error.ts";
import { put } from "../../../../../shared/dynamodb/outputs/plain-outputs.ts";
import { avro } from "../../../../../shared/schemas/avro/avro-deserializer.ts";
import { json, string } from "../../../../../shared/schemas/plain/plain-deserializers.ts";
import { createMemoryRegistry, framed } from "../../../../support/schemas/memory-registry.ts";

interface Order {
  readonly id: string;
}

const tables = { orders: { key: "id" } };
const records = recordsOf([
  { key: "a", value: { id: "1" } },
  { key: "b", value: "{" },
  { key: "c", value: null },
  { key: null, value: { id: "3" } },
]);

function handlerOf(process: (range: ProcessingRange<ReturnType<typeof put>>) => Promise<void>) {
  return createRangeProcessor({ process });
}

function writing(how: HowToDecode<string, Order>) {
  return handlerOf((range) =>
    range
      .decoded(how)
      .writeEach(({ key, value, offset }) =>
        value === null ? undefined : put("orders", { ...value, key, offset: String(offset) }),
      ),
  );
}

describe.each([{ crash: { afterCommit: 0 } }, { repeat: true }, {}])("with %j", (fault) => {
  test("DCR1: a record that cannot be decoded rejects itself, and its neighbours are written", async () => {
    const result = await runRange(writing({ key: string(), value: json<Order>() }), { records, tables, ...fault });

    expect(result.status).toBe("completed");
    expect(result.tables["orders"]).toEqual([
      { id: "1", key: "a", offset: "0" },
      { id: "3", key: null, offset: "3" },
    ]);
    expect(result.rejected).toEqual([
      expect.objectContaining({
        offset: 1n,
        reason: expect.stringContaining("the value at offset 1 cannot be decoded"),
      }),
    ]);
  });
});

test("DCR1: so it does where several records are worked on at a time", async () => {
  const handler = handlerOf((range) =>
    range
      .decoded({ key: string(), value: json<Order>() })
      .forEach({ concurrency: 3 }, async ({ value, key }) =>
        value === null ? [] : [put("orders", { ...value, key })],
      ),
  );

  const result = await runRange(handler, { records, tables });

  expect(result.status).toBe("completed");
  expect(result.tables["orders"]).toEqual([
    { id: "1", key: "a" },
    { id: "3", key: null },
  ]);
  expect(result.rejected.map(({ offset }) => offset)).toEqual([1n]);
});

test("DCR1: where it is asked for, the attempt fails at the record, which is to blame", async () => {
  const result = await runRange(writing({ value: json<Order>(), onUndecodable: "fail" }), { records, tables });

  expect(result.status).toBe("halted");
  expect(result.failedAt).toMatchObject({ fromOffset: 1n, untilOffset: 2n });
  expect(result.committedOffset).toBe(1n);
  expect(blameOf(new UndecodableError("no"))).toBe("records");
});

test("DCR1: a key that cannot be decoded costs the record its place as well", async () => {
  const [first, ...others] = records;
  const odd = [{ ...first, key: Buffer.from([0xff]) }, ...others] as typeof records;

  const result = await runRange(writing({ key: string(), value: json<Order>() }), { records: odd, tables });

  expect(result.rejected.map(({ offset }) => offset)).toEqual([0n, 1n]);
});

test.each([
  ["an object", {}],
  ["a function", () => undefined],
])("DCR1: a promise that is %s of a library's own rejects the record as one of the language does", async (_, own) => {
  const value: Deserializer<Order> = {
    deserialize: (bytes) => {
      const settling = Promise.resolve().then((): Order => JSON.parse(String(bytes)));
      // biome-ignore lint/suspicious/noThenProperty: a promise of a library's own is what is tried.
      return Object.assign(own, { then: settling.then.bind(settling) }) as unknown as Promise<Order>;
    },
  };

  const result = await runRange(writing({ key: string(), value }), { records, tables });

  expect(result.status).toBe("completed");
  expect(result.tables["orders"]?.length).toBe(2);
  expect(result.rejected.map(({ offset }) => offset)).toEqual([1n]);
});

describe.each([
  ["a registry that is down", new SchemaRegistryError("down")],
  ["a schema that cannot be used", new UnusableSchemaError("no JSON")],
  ["a network that is down", Object.assign(new Error("no"), { code: "ECONNREFUSED" })],
  ["one that is wrapped", new Error("no", { cause: new SchemaRegistryError("down") })],
])("DCR2: %s", (_, error) => {
  test.each([() => Promise.reject(error), () => fail(error)])(
    "fails the attempt, and rejects nothing",
    async (deserialize) => {
      const value: Deserializer<Order> = { deserialize };

      const result = await runRange(writing({ value }), { records, tables });

      expect(result.status).toBe("failed");
      expect(result.rejected).toEqual([]);
      expect(result.committedOffset).toBe(0n);
      expect(blameOf(error)).toBe("surroundings");
    },
  );
});

function fail(error: Error): never {
  throw error;
}

test.each(["fail", "reject"] as const)(
  "DCR2: where it is asked for, records of a schema that cannot be used are rejected, with onUndecodable %s",
  async (onUndecodable) => {
    const value: Deserializer<Order> = {
      deserialize: (bytes) =>
        bytes.length === 1 ? fail(new UnusableSchemaError("no JSON")) : JSON.parse(String(bytes)),
    };

    const result = await runRange(writing({ value, onUndecodable, onUnusableSchema: "reject" }), { records, tables });

    expect(result.status).toBe("completed");
    expect(result.rejected).toEqual([expect.objectContaining({ offset: 1n, reason: "no JSON" })]);
    expect(result.tables["orders"]?.length).toBe(2);
  },
);

test("DCR3: nothing is decoded that the code has not asked for", async () => {
  const decoded: bigint[] = [];
  const value: Deserializer<string> = {
    deserialize(bytes, { offset }) {
      decoded.push(offset);
      return bytes.toString();
    },
  };
  const seen: string[] = [];
  const handler = handlerOf(async (range) => {
    for await (const record of range.decoded({ value }).records()) {
      seen.push(`${record.offset}: ${decoded.join()}`);
    }
  });

  await runRange(handler, { records: recordsOf(["a", "b", "c"]), tables });

  expect(seen).toEqual(["0: 0", "1: 0,1", "2: 0,1,2"]);
});

test("a record that the code itself rejects keeps the bytes that it had", async () => {
  const handler = handlerOf(async (range) => {
    const orders = range.decoded({ value: json<Order>() });
    await orders.writeEach((record) =>
      record.value === null ? orders.reject(record, "an order without a value") : undefined,
    );
  });

  const result = await runRange(handler, { records, tables });

  expect(result.rejected.map(({ offset, reason }) => `${offset}: ${reason.slice(0, 20)}`)).toEqual([
    "1: the value at offset ",
    "2: an order without a v",
  ]);
});

test("what Avro makes of a record goes into a table as it is", async () => {
  const schema = {
    type: "record",
    name: "Order",
    fields: [
      { name: "id", type: "string" },
      { name: "total", type: "long" },
      {
        name: "lines",
        type: { type: "array", items: { type: "record", name: "L", fields: [{ name: "n", type: "int" }] } },
      },
    ],
  };
  const registry = createMemoryRegistry(() => ({ format: "AVRO", text: JSON.stringify(schema) }));
  const payload = Buffer.from("02618280808080808020020200", "hex");

  const result = await runRange(writing({ value: avro<Order>({ registry }) }), {
    records: recordsOf([{ value: framed(payload) }]),
    tables,
  });

  expect(result.rejected).toEqual([]);
  expect(result.tables["orders"]).toMatchObject([{ id: "a", lines: [{ n: 1 }] }]);
});

test("outputsOf that is no code is misuse, before anything is decoded", async () => {
  const result = await runRange(
    handlerOf((range) => range.decoded({ value: json() }).writeEach(7 as never)),
    { records, tables },
  );

  expect(result.error?.name).toBe("MisuseError");
  expect(result.rejected).toEqual([]);
});

test("DCR2: a registry that does not settle holds nobody once the time is up", async () => {
  const value: Deserializer<Order> = { deserialize: () => new Promise(() => {}) };
  const controller = new AbortController();
  let error: unknown;
  const handler = handlerOf(async (range) => {
    const aborting = { ...range, signal: controller.signal };
    const { decodeRange } = await import("../../../../../functions/processor/session/decode-range.ts");
    const reading = decodeRange(aborting, { value }).writeEach(() => undefined);
    controller.abort(new Error("the time is up"));
    error = await reading.catch((thrown: unknown) => thrown);
  });

  const result = await runRange(handler, { records, tables });

  expect(error).toEqual(new Error("the time is up"));
  expect(result.rejected).toEqual([]);
});

test.each([
  [undefined, "its options are missing; expected an object with key, value, onUndecodable, onUnusableSchema"],
  [null, "its options are null"],
  [{ value: 7 }, "value is 7; expected a deserializer, as string(), json()"],
  [{ key: {} }, "key is an object; expected a deserializer"],
  [{ val: string() }, "val is no option; there are key, value"],
  [{ onUndecodable: "ignore" }, 'onUndecodable is "ignore"; expected "reject" or "fail"'],
  [{ val: 1, onUnusableSchema: 7 }, "onUnusableSchema is 7"],
])("decoded(%j) is misuse, and every problem of it is named", async (how, problem) => {
  const result = await runRange(
    handlerOf((range) => range.decoded(how as never).writeEach(() => undefined)),
    { records, tables },
  );

  expect(result.status).toBe("halted");
  expect(result.error?.name).toBe("MisuseError");
  expect(result.error?.message).toContain(problem);
});

test("keys and values have the types that their deserializers make", () => {
  const check = (range: ProcessingRange<never>) => {
    const both = range.decoded({ key: string(), value: json<Order>() });
    const neither = range.decoded({});
    return { both: () => both.records(), neither: () => neither.records() };
  };

  type Checked = ReturnType<typeof check>;
  type Of<Records extends () => AsyncIterable<unknown>> =
    ReturnType<Records> extends AsyncIterable<infer R> ? R : never;
  expectTypeOf<Of<Checked["both"]>["key"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Of<Checked["both"]>["value"]>().toEqualTypeOf<Order | null>();
  expectTypeOf<Of<Checked["neither"]>["value"]>().toEqualTypeOf<Buffer | null>();
});
