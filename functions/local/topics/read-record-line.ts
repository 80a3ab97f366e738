// Read record line
//
// A line of the file that `ranges dev --produce` feeds: as text it is a value as it
// stands; as a record it is the JSON that `ranges read` prints.

import type { Message } from "kafkajs";
import * as z from "zod/mini";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { MAX_PARTITION } from "../../../shared/core/range/topic-partition.ts";
import { rawJson } from "../../../shared/schemas/value-json.ts";
import { jsonProblem, readJsonText } from "../../../shared/wire/json/json-text.ts";
import { listProblems, worded } from "../../../shared/wire/json/list-problems.ts";

/** What the lines of the file are. */
export const LINE_FORMATS = ["text", "records"] as const;

export type LineFormat = (typeof LINE_FORMATS)[number];

const bytesRule = 'expected a text, null, or {"base64"} with base64 in it';
const headersRule = "expected an object of texts, or a list of pairs of a name and a value";
const timestampRule = "expected milliseconds since the epoch";

const bytes = z.nullable(z.union([z.string(), z.strictObject({ base64: z.base64(bytesRule) })], bytesRule));

const record = z.strictObject({
  /** Any JSON, as a line is JSON already: an object is written as JSON text. */
  value: z.custom<string | number | boolean | object | null>((value) => value !== undefined, "expected any JSON"),
  key: z.optional(bytes),
  headers: z.optional(z.union([z.record(z.string(), z.string()), z.array(z.tuple([z.string(), bytes]))], headersRule)),
  partition: z.optional(z.int().check(z.gte(0), z.lte(MAX_PARTITION))),
  timestamp: z.optional(
    z.union([z.int().check(z.gte(0)), z.string().check(z.regex(/^\d{1,15}$/, timestampRule))], timestampRule),
  ),
  // What `ranges read` tells beside it, and a producer does not choose.
  topic: z.optional(z.string()),
  offset: z.optional(z.string()),
  timestampType: z.optional(z.string()),
});

/** Throws ConfigurationError that names the line and what is wrong with it. */
export function readRecordLine(line: string, number: number, format: LineFormat): Message {
  if (format === "text") {
    return { value: line };
  }
  const json = parseJson(line, number);
  const parsed = record.safeParse(json, worded);
  if (!parsed.success) {
    throw new ConfigurationError(
      `line ${number} of --produce, ${quote(line)}, is no record: ${listProblems(parsed.error, json)}; expected {"value", "key", "headers", "partition", "timestamp"}, or give --produce-as text`,
    );
  }
  const { value, key, headers, partition, timestamp } = parsed.data;
  return {
    value: recordValue(value, () => parseJson(line, number, rawJson)),
    ...(key === undefined ? {} : { key: bytesOf(key) }),
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    ...(partition === undefined ? {} : { partition }),
    ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
  };
}

function parseJson(line: string, number: number, readNumber?: (digits: string) => unknown): unknown {
  const text = readJsonText(line, readNumber);
  if (text.kind !== "read") {
    throw new ConfigurationError(
      `line ${number} of --produce, ${quote(line)}, ${jsonProblem(text)}; with --produce-as records each line is a JSON object that has each name once, or give --produce-as text`,
    );
  }
  return text.value;
}

type Bytes = z.output<typeof bytes>;
type Headers = NonNullable<z.output<typeof record>["headers"]>;

/** JSON has each number as the line writes it: a JavaScript number would round 9007199254740993, and lose the sign of -0.0. */
function recordValue(value: z.output<typeof record>["value"], exactLine: () => unknown): Buffer | string | null {
  const known = bytes.safeParse(value);
  if (known.success) {
    return bytesOf(known.data);
  }
  const exact = exactLine() as { readonly value: unknown };
  return JSON.stringify(exact.value);
}

function bytesOf(value: Bytes): Buffer | string | null {
  return typeof value === "object" && value !== null ? Buffer.from(value.base64, "base64") : value;
}

function headersOf(headers: Headers): NonNullable<Message["headers"]> {
  if (!Array.isArray(headers)) {
    return headers;
  }
  const byName = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries([...byName].map(([name, all]) => [name, all.map(([, value]) => bytesOf(value) ?? "")]));
}
