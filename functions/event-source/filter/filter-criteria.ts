// Filter criteria
//
// The FilterCriteria of an event source mapping for Kafka, pasted as they are: which records the
// handler gets.
//
//   FC1  A record passes where it matches one of the filters, or where there are none.
//   FC2  A filter says of `value` (or `key`) either what is in the JSON, as an object, or what the text is, as a list. A
//        record whose bytes are of the other form, or no UTF-8, or null, is not judged by that part: AWS passes it on.

import { isUtf8 } from "node:buffer";
import { listNames, quote, showName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { compileEventPattern, isAlternatives, type PatternMatcher } from "./event-pattern.ts";

/** As AWS has them. */
export interface FilterCriteria {
  /** Each a text of JSON; a record passes by one of them. */
  readonly Filters?: readonly { readonly Pattern?: string }[];
}

export type RecordFilter = (record: KafkaRecord) => boolean;

/** Bytes of a record as a filter sees them; undefined where it does not judge them (FC2). */
type Content = { readonly form: "json" | "text"; readonly value: unknown } | undefined;

type PartFilter = (contentOf: (part: Part) => Content) => boolean;

const PARTS = ["key", "value"] as const;
type Part = (typeof PARTS)[number];

/** Throws ConfigurationError that names the filter, what is wrong in it, and where. */
export function compileFilterCriteria(criteria: FilterCriteria | null | undefined): RecordFilter {
  const filters: unknown = criteria?.Filters ?? [];
  if (criteria !== undefined && (typeof criteria !== "object" || Array.isArray(criteria) || !Array.isArray(filters))) {
    throw wrong("FilterCriteria", criteria, 'expected { Filters: [{ Pattern: "…" }] }');
  }
  const [unknown] = Object.keys(criteria ?? {}).filter((name) => name !== "Filters");
  if (unknown !== undefined) {
    throw new ConfigurationError(`FilterCriteria has ${showName(unknown)}; expected Filters, as AWS spells it`);
  }
  const compiled = (filters as readonly unknown[]).map((filter, index) =>
    compileFilter(filter, `FilterCriteria.Filters[${index}]`),
  );
  return (record) => compiled.length === 0 || compiled.some((passes) => passes(contentsOf(record)));
}

function compileFilter(filter: unknown, where: string): PartFilter {
  const pattern: unknown = (filter as { readonly Pattern?: unknown } | null)?.Pattern; // Any value's.
  if (typeof pattern !== "string") {
    throw wrong(`${where}.Pattern`, pattern, "expected a text of JSON");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern);
  } catch (cause) {
    throw new ConfigurationError(`${where}.Pattern is not JSON: ${quote(pattern)}`, { cause });
  }
  return compileParts(parsed, `${where}.Pattern`);
}

/** Of a filter as a whole, or of one side of an `$or` at its top. */
function compileParts(pattern: unknown, where: string): PartFilter {
  if (typeof pattern !== "object" || pattern === null || Array.isArray(pattern) || Object.keys(pattern).length === 0) {
    throw wrong(where, pattern, 'expected an object, as { "value": { "id": [1] } }');
  }
  const filters = Object.entries(pattern).map(([name, inner]): PartFilter => {
    if (name === "$or" && isAlternatives(inner)) {
      const sides = inner.map((side, index) => compileParts(side, `${where}.$or[${index}]`));
      return (contentOf) => sides.some((passes) => passes(contentOf));
    }
    const part = PARTS.find((one) => one === name);
    if (part === undefined) {
      throw new ConfigurationError(
        `${where} filters by ${listNames([name])}; of Kafka's records an event source mapping filters by value only (and by key, as it once did)`,
      );
    }
    return compilePart(part, compileEventPattern({ [part]: inner }, where), Array.isArray(inner) ? "text" : "json");
  });
  return (contentOf) => filters.every((passes) => passes(contentOf));
}

function compilePart(part: Part, matches: PatternMatcher, form: "json" | "text"): PartFilter {
  return (contentOf) => {
    const content = contentOf(part);
    return content?.form !== form || matches({ [part]: content.value });
  };
}

/** Read once for all filters. */
function contentsOf(record: KafkaRecord): (part: Part) => Content {
  const read = new Map<Part, Content>();
  return (part) => {
    if (!read.has(part)) {
      read.set(part, contentOf(record[part]));
    }
    return read.get(part);
  };
}

/** JSON is an object or an array: a number or a quoted text alone is a text like any other. */
function contentOf(bytes: Buffer | null): Content {
  if (bytes === null || !isUtf8(bytes)) {
    return undefined;
  }
  const text = bytes.toString();
  if (/^\s*[{[]/.test(text)) {
    try {
      return { form: "json", value: JSON.parse(text) };
    } catch {
      // A text that only begins like one.
    }
  }
  return { form: "text", value: text };
}

function wrong(name: string, value: unknown, remedy: string): ConfigurationError {
  return new ConfigurationError(`${name} is ${quote(value)}; ${remedy}`);
}
