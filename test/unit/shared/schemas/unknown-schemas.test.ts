import { expect, test } from "vitest";
import { SchemaRegistryError } from "../../../../shared/core/decode/decode-errors.ts";
import { MAX_VAIN_WAITS, UNKNOWN_SCHEMA_PAUSES_MS, UNKNOWN_SCHEMA_TTL_MS } from "../../../../shared/schemas/limits.ts";
import { UnknownSchemaError, withPatience } from "../../../../shared/schemas/unknown-schemas.ts";
import { aPatience } from "../../../support/schemas/patience.ts";

const PATIENT_TRIES = 1 + UNKNOWN_SCHEMA_PAUSES_MS.length;

/** A registry that knows an id from the n-th question for it on, from 1; never where none is given. */
function aRegistry(knownFrom: Readonly<Record<string, number>> = {}) {
  const asked: string[] = [];
  const patience = aPatience();
  const fetchSchema = withPatience(async (id) => {
    asked.push(id);
    if (asked.filter((other) => other === id).length < (knownFrom[id] ?? Number.POSITIVE_INFINITY)) {
      throw new UnknownSchemaError(`no schema ${id}`);
    }
    return { format: "AVRO", text: id, references: [] };
  }, patience);
  return { fetchSchema, asked, patience };
}

test.each([2, PATIENT_TRIES])(
  "UNS1: a schema that is known with the question %i costs no record its place",
  async (nth) => {
    const { fetchSchema, asked } = aRegistry({ new: nth });

    expect((await fetchSchema("new")).text).toBe("new");
    expect(asked.length).toBe(nth);
  },
);

test("UNS1: one that stays unknown is asked for a bounded number of times, in bounded time", async () => {
  const { fetchSchema, asked, patience } = aRegistry();

  await expect(fetchSchema("1")).rejects.toThrow(UnknownSchemaError);

  expect(asked.length).toBe(PATIENT_TRIES);
  expect(patience.paused).toEqual(UNKNOWN_SCHEMA_PAUSES_MS);
});

test("UNS1: a registry that is down meanwhile is an outage, and no wait in vain", async () => {
  let nth = 0;
  const patience = aPatience();
  const fetchSchema = withPatience(async () => {
    nth += 1;
    throw nth % 2 === 1 ? new UnknownSchemaError("no") : new SchemaRegistryError("down");
  }, patience);

  for (let times = 0; times <= MAX_VAIN_WAITS; times += 1) {
    await expect(fetchSchema("1")).rejects.toThrow(SchemaRegistryError);
  }
});

test("UNS2: a thousand bad ids wait as often as a few, one after the other or at a time", async () => {
  const after = aRegistry();
  const together = aRegistry();
  const ids = Array.from({ length: 1_000 }, (_, id) => String(id));

  for (const id of ids) {
    await expect(after.fetchSchema(id)).rejects.toThrow(UnknownSchemaError);
  }
  await Promise.allSettled(ids.map((id) => together.fetchSchema(id)));

  const questions = ids.length + MAX_VAIN_WAITS * UNKNOWN_SCHEMA_PAUSES_MS.length;
  expect([after.asked.length, together.asked.length]).toEqual([questions, questions]);
});

test("UNS2: waits that found the schema, and those of long ago, are none in vain", async () => {
  const { fetchSchema, asked, patience } = aRegistry({ a: 2, b: 2, c: 2, d: 2 });

  for (const id of ["a", "b", "c", "d"]) {
    await fetchSchema(id);
  }
  for (let id = 0; id < MAX_VAIN_WAITS; id += 1) {
    await expect(fetchSchema(String(id))).rejects.toThrow(UnknownSchemaError);
  }
  await patience.pause(UNKNOWN_SCHEMA_TTL_MS);
  await expect(fetchSchema("last")).rejects.toThrow(UnknownSchemaError);

  expect(asked.filter((id) => id === "last").length).toBe(PATIENT_TRIES);
});
