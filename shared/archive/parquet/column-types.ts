import { rawJson } from "../../schemas/value-json.ts";
import { dayOf, microsOf } from "../format/time-texts.ts";
import type { PhysicalType } from "./chunks/plain-values.ts";
import type { ColumnField } from "./chunks/row-group.ts";
import type { SchemaElement } from "./parquet-columns.ts";

/** What a column holds; `json` is JSON as text, `timestamp` is in milliseconds, `date` a day. */
export type ColumnType = "boolean" | "bytes" | "date" | "double" | "int32" | "int64" | "json" | "string" | "timestamp";

/** How a schema has a column, but for its name. */
export type ColumnElement = Omit<SchemaElement, "name" | "type"> & { readonly type?: PhysicalType };

export interface ColumnTypeRules {
  /** Without a type of its own where it has others in it. */
  readonly element: ColumnElement;
  /** Behind it in the schema, of a column that has others in it. */
  readonly children?: readonly SchemaElement[];
  /** In messages. */
  readonly takes: string;
  /** As its column takes it; undefined for what is none of the type. */
  fieldOf(value: unknown): ColumnField | undefined;
  /** The file tells the least and the greatest. */
  readonly hasBounds: boolean;
  /** Values may be indexes of a dictionary. */
  readonly hasDictionary: boolean;
}

const DAY_MS = 86_400_000;
const MAX_INT32 = 2_147_483_647;
const MAX_INT64 = 2n ** 63n - 1n;

export const COLUMN_TYPES: Readonly<Record<ColumnType, ColumnTypeRules>> = {
  boolean: {
    element: { type: "BOOLEAN" },
    takes: "true or false",
    fieldOf: (value) => (typeof value === "boolean" ? value : undefined),
    hasBounds: true,
    hasDictionary: false,
  },
  bytes: {
    element: { type: "BYTE_ARRAY" },
    takes: "a Uint8Array",
    fieldOf: (value) => (value instanceof Uint8Array ? value : undefined),
    hasBounds: false,
    hasDictionary: false,
  },
  date: {
    element: { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } },
    takes: "a Date, or a text as 2026-11-28",
    fieldOf: (value) => {
      if (typeof value === "string") {
        return dayOf(value);
      }
      const moment = timeOf(value);
      return moment === undefined ? undefined : Math.floor(moment / DAY_MS);
    },
    hasBounds: true,
    hasDictionary: true,
  },
  double: {
    element: { type: "DOUBLE" },
    takes: "a number",
    fieldOf: (value) => (typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined),
    hasBounds: true,
    hasDictionary: true,
  },
  int32: {
    element: { type: "INT32" },
    takes: `a whole number from -${MAX_INT32 + 1} to ${MAX_INT32}`,
    fieldOf: (value) => (isInt32(value) ? value : undefined),
    hasBounds: true,
    hasDictionary: true,
  },
  int64: {
    element: { type: "INT64" },
    takes: "a bigint, a whole number that is safe, or its digits as text",
    fieldOf: int64Of,
    hasBounds: true,
    hasDictionary: true,
  },
  json: {
    // As its text, which has a size: the library would keep the value, and make text of what else has the older mark.
    element: { type: "BYTE_ARRAY", logical_type: { type: "JSON" } },
    takes: "what JSON has",
    fieldOf: (value) => jsonText(value) ?? jsonText(value, withBigints),
    hasBounds: false,
    hasDictionary: false,
  },
  string: {
    element: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
    takes: "a text",
    fieldOf: (value) => (typeof value === "string" ? value : undefined),
    hasBounds: false,
    hasDictionary: true,
  },
  timestamp: {
    element: {
      type: "INT64",
      converted_type: "TIMESTAMP_MILLIS",
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
    },
    takes: "a Date, milliseconds since the epoch, or a text with its zone as 2026-11-28T12:00:00Z",
    fieldOf: (value) => {
      // Without a zone a text would be another moment in each; what Date.parse makes of others is no word of theirs.
      const moment = typeof value === "string" ? millisOf(value) : timeOf(value);
      return moment === undefined ? undefined : BigInt(moment);
    },
    hasBounds: true,
    hasDictionary: true,
  },
};

/** Whole numbers have all their digits. */
function withBigints(_: string, inner: unknown): unknown {
  return typeof inner === "bigint" ? rawJson(String(inner)) : inner;
}

/** Undefined for what JSON has not: without a replacer, which takes twice the time, that is a bigint, too. */
function jsonText(value: unknown, replacer?: (name: string, inner: unknown) => unknown): string | undefined {
  try {
    return JSON.stringify(value, replacer);
  } catch {
    return undefined; // It refers to itself, or its own toJSON throws.
  }
}

function isInt32(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= -MAX_INT32 - 1 && value <= MAX_INT32;
}

function int64Of(value: unknown): bigint | undefined {
  const whole = wholeOf(value);
  return whole !== undefined && whole >= -MAX_INT64 - 1n && whole <= MAX_INT64 ? whole : undefined;
}

function wholeOf(value: unknown): bigint | undefined {
  switch (typeof value) {
    case "bigint":
      return value;
    case "number":
      return Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case "string":
      return /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
    default:
      return undefined;
  }
}

/** Milliseconds since the epoch; further digits are cut off. */
function millisOf(text: string): number | undefined {
  const micros = microsOf(text);
  return micros === undefined ? undefined : Math.floor(Number(micros) / 1_000);
}

/** Milliseconds since the epoch. */
function timeOf(value: unknown): number | undefined {
  const moment =
    value instanceof Date
      ? value.getTime()
      : typeof value === "number" || typeof value === "bigint"
        ? Number(value)
        : Number.NaN;
  return Number.isSafeInteger(moment) ? moment : undefined;
}
