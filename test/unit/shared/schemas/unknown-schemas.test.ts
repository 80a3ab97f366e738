import { expect, test } from "vitest";
import { SchemaRegistryError } from "../../../../shared/core/decode/decode-errors.ts";
import {
  MAX_VAIN_WAITS,
  MAX_WAITS_AT_A_TIME,
  UNKNOWN_SCHEMA_PAUSES_MS,
  UNKNOWN_SCHEMA_TTL_MS,
} from "../../../../shared/schemas/limits.ts";
import { UnknownSchemaError, withPatience } from "../../../../shared/schemas/unknown-schemas.ts";
import { aPatience } from "../../../support/schemas/patience.ts";

const WHOLE_WAIT_MS = UNKNOWN_SCHEMA_PAUSES_MS.reduce((sum, pauseMs) => sum + pauseMs, 0);
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

/** One that knows no id before a time, and each from then on. */
function aLaggingReplica(lagMs: number) {
  const patience = aPatience();
  const fetchSchema = withPatience(async (id) => {
    if (patience.now() < lagMs) {
      throw new UnknownSchemaError(`no schema ${id}`);
    }
    return { format: "AVRO", text: id, references: [] };
  }, patience);
  return { fetchSchema };
}

function idsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, id) => String(id));
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

test("UNS2: a thousand bad ids, one after the other, wait as often as a few", async () => {
  const { fetchSchema, asked, patience } = aRegistry();

  for (const id of idsOf(1_000)) {
    await expect(fetchSchema(id)).rejects.toThrow(UnknownSchemaError);
  }

  expect(asked.length).toBe(1_000 + MAX_VAIN_WAITS * UNKNOWN_SCHEMA_PAUSES_MS.length);
  expect(patience.now()).toBe(MAX_VAIN_WAITS * WHOLE_WAIT_MS);
});

test("UNS3: a thousand bad ids at a time are hardly more waits than places, and a question for each that queued", async () => {
  const { fetchSchema, asked, patience } = aRegistry();

  const settled = await Promise.allSettled(idsOf(1_000).map((id) => fetchSchema(id)));

  // The first in vain leave their places to others, until there are enough of them.
  const waits = MAX_WAITS_AT_A_TIME + MAX_VAIN_WAITS - 1;
  expect(settled.every(({ status }) => status === "rejected")).toBe(true);
  expect(patience.paused.length).toBe(waits * UNKNOWN_SCHEMA_PAUSES_MS.length);
  expect(patience.now()).toBe(2 * WHOLE_WAIT_MS);
  expect(asked.length).toBe(1_000 + (1_000 - MAX_WAITS_AT_A_TIME) + patience.paused.length);
});

test.each([6, MAX_WAITS_AT_A_TIME, 1_000])(
  "UNS2: none of %i new ids at a time is given up while a replica lags, and no wait was in vain",
  async (count) => {
    const { fetchSchema } = aLaggingReplica(2_000);

    const schemas = await Promise.all(idsOf(count).map((id) => fetchSchema(id)));

    expect(schemas.map(({ text }) => text)).toEqual(idsOf(count));
  },
);

test("UNS2: a wait that goes on when others turn out to be in vain goes on to its end", async () => {
  const { fetchSchema, patience } = aRegistry({ late: PATIENT_TRIES });
  const bad = idsOf(MAX_VAIN_WAITS).map((id) => fetchSchema(id));
  const late = patience.pause(100).then(() => fetchSchema("late"));

  const settled = await Promise.allSettled(bad);
  await expect(fetchSchema("next")).rejects.toThrow(UnknownSchemaError);

  expect(settled.every(({ status }) => status === "rejected")).toBe(true);
  expect(patience.now()).toBe(WHOLE_WAIT_MS);
  expect((await late).text).toBe("late");
});

test("UNS3: an id that queued behind waits in vain is not given up where the registry knows it by then", async () => {
  const { fetchSchema, asked } = aRegistry({ new: 2 });

  const bad = idsOf(MAX_WAITS_AT_A_TIME).map((id) => fetchSchema(id));
  const [schema] = await Promise.all([fetchSchema("new"), Promise.allSettled(bad)]);

  expect(schema.text).toBe("new");
  expect(asked.filter((id) => id === "new").length).toBe(2);
});

test("UNS3: a registry that goes down while ids queue holds no place of theirs", async () => {
  let isDown = false;
  const patience = aPatience();
  const fetchSchema = withPatience(async () => {
    throw isDown ? new SchemaRegistryError("down") : new UnknownSchemaError("no");
  }, patience);

  const asking = idsOf(3 * MAX_WAITS_AT_A_TIME).map((id) => fetchSchema(id));
  const down = patience.pause(100).then(() => {
    isDown = true;
  });
  const settled = await Promise.allSettled(asking);
  await down;

  expect(settled).toEqual(asking.map(() => ({ status: "rejected", reason: new SchemaRegistryError("down") })));
});

test("UNS2: a schema that was found forgives no wait in vain", async () => {
  const { fetchSchema, asked } = aRegistry({ new: 2 });

  for (const id of idsOf(MAX_VAIN_WAITS - 1)) {
    await expect(fetchSchema(id)).rejects.toThrow(UnknownSchemaError);
  }
  await fetchSchema("new");
  for (const id of ["last", "next"]) {
    await expect(fetchSchema(id)).rejects.toThrow(UnknownSchemaError);
  }

  expect(asked.filter((id) => id === "last").length).toBe(PATIENT_TRIES);
  expect(asked.filter((id) => id === "next").length).toBe(1);
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
