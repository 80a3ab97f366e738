import { expect, test } from "vitest";
import {
  SchemaRegistryError,
  UndecodableError,
  UnusableSchemaError,
} from "../../../../shared/core/decode/decode-errors.ts";
import { MAX_CACHED_SCHEMAS, UNKNOWN_SCHEMA_TTL_MS } from "../../../../shared/schemas/limits.ts";
import { SchemaCache } from "../../../../shared/schemas/schema-cache.ts";

function aCache(make: (id: string) => string) {
  const asked: string[] = [];
  const clock = { now: 0 };
  const cache = new SchemaCache(
    async (id) => {
      asked.push(id);
      return make(id);
    },
    () => clock.now,
  );
  return { cache, asked, clock };
}

test("SCA1: a schema that several ask for at a time is asked for once, and is there at once afterwards", async () => {
  const { cache, asked } = aCache((id) => `schema ${id}`);

  const first = await Promise.all([cache.get("1"), cache.get("1"), cache.get("2")]);

  expect(first).toEqual(["schema 1", "schema 1", "schema 2"]);
  expect(cache.get("1")).toBe("schema 1");
  expect(asked).toEqual(["1", "2"]);
});

test("SCA2: what is kept is bounded, and what was asked for first is forgotten first", async () => {
  const { cache, asked } = aCache((id) => id);

  for (let id = 0; id <= MAX_CACHED_SCHEMAS; id += 1) {
    await cache.get(String(id));
  }
  await cache.get("0");
  await cache.get(String(MAX_CACHED_SCHEMAS));

  expect(asked.length).toBe(MAX_CACHED_SCHEMAS + 2);
  expect(asked.at(-1)).toBe("0");
});

test("SCA3: that a registry does not answer is not remembered", async () => {
  let isDown = true;
  const { cache } = aCache((id) => {
    if (isDown) {
      throw new SchemaRegistryError("down");
    }
    return id;
  });

  await expect(cache.get("1")).rejects.toThrow(SchemaRegistryError);
  isDown = false;

  expect(await cache.get("1")).toBe("1");
});

test.each([
  ["an id that is not known", new UndecodableError("unknown")],
  ["a schema that cannot be used", new UnusableSchemaError("no JSON")],
])("SCA3: %s is asked for again after a while", async (_, error) => {
  let isKnown = false;
  const { cache, asked, clock } = aCache((id) => {
    if (!isKnown) {
      throw error;
    }
    return id;
  });

  await expect(cache.get("1")).rejects.toThrow(error);
  isKnown = true;
  clock.now = UNKNOWN_SCHEMA_TTL_MS - 1;
  expect(() => cache.get("1")).toThrow(error);
  clock.now = UNKNOWN_SCHEMA_TTL_MS;

  expect(await cache.get("1")).toBe("1");
  expect(asked).toEqual(["1", "1"]);
});
