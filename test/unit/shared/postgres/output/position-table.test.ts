import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { postgresSchema, quoteTable } from "../../../../../shared/postgres/output/position-table.ts";

test("a table's name is quoted part by part", () => {
  expect(quoteTable("kafka_offset_ranges")).toBe('"kafka_offset_ranges"');
  expect(quoteTable("etl.Ranges$1")).toBe('"etl"."Ranges$1"');
  expect(postgresSchema("etl.ranges")).toContain('CREATE TABLE IF NOT EXISTS "etl"."ranges" (');
});

test.each(["", "a.b.c", 'a"; DROP TABLE orders; --', "1a", "a b", "a".repeat(64), "a."])(
  "no name of a table: %j",
  (name) => {
    expect(() => quoteTable(name)).toThrow(ConfigurationError);
  },
);
