// Reprocess payload
//
// What may be asked to be reprocessed, in one of three forms: explicit ranges, a
// choice of offsets in Spark's options, or the on-failure record of a Lambda event
// source mapping as it is.
//
//   PL1  Every wrong field is named at once; a field that is not known is refused, never ignored.
//   PL2  Two payloads have the same fingerprint exactly if they ask for the same.

import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { joinProblems, listNames } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { isLedgerName, LEDGER_NAME_RULE } from "../../core/ledger/ledger-name.ts";
import type { ReprocessPayload, ReprocessTarget } from "../../core/ledger/reprocess-request.ts";
import { DEFAULT_MAX_CONCURRENT_RANGES, MAX_CONCURRENT_RANGES } from "../../core/limits.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { compareOffsetRanges, formatOffsetRange, type OffsetRange } from "../../core/range/offset-range.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { SourceSelection } from "../../core/source/offset-source.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { CHOICE_OPTIONS, type ChoiceTexts, parseRangeChoice, SPLIT_OPTIONS } from "../offsets/range-choice.ts";
import { readAssign } from "../offsets/spark-assign.ts";
import { shape, wireRange, wireTopic } from "../offsets/wire-offset.ts";
import { wireTopicPattern } from "../offsets/wire-topic-pattern.ts";
import { decodeOnFailureRecord } from "./on-failure-record.ts";

const requestIdRule = `expected ${LEDGER_NAME_RULE}`;
const aRange = "expected at least one range";
const yesOrNo = "expected true or false";
const concurrencyRule = `expected a whole number from 1 to ${MAX_CONCURRENT_RANGES}`;

export const wireRequestId = z.string(requestIdRule).check(z.refine(isLedgerName, requestIdRule));

const SOURCE_FIELDS = ["topics", "topicPattern", "assign"] as const;

const fields = z.strictObject(
  {
    requestId: wireRequestId,
    ranges: z.optional(z.array(wireRange, aRange).check(z.minLength(1, aRange))),
    onFailureRecord: z.optional(z.unknown()),
    topics: z.optional(
      z.array(wireTopic, "expected a list of topics").check(z.minLength(1, "expected at least one topic")),
    ),
    topicPattern: z.optional(wireTopicPattern),
    // Read by readAssign.
    assign: z.optional(z.unknown()),
    // Read by parseRangeChoice, whose messages name them.
    ...(Object.fromEntries([...CHOICE_OPTIONS, ...SPLIT_OPTIONS].map((name) => [name, z.optional(z.unknown())])) as {
      [Option in keyof ChoiceTexts]-?: z.ZodMiniOptional<z.ZodMiniUnknown>;
    }),
    maxConcurrentRanges: z.optional(
      z.int(concurrencyRule).check(z.gte(1, concurrencyRule), z.lte(MAX_CONCURRENT_RANGES, concurrencyRule)),
    ),
    ordered: z.optional(z.boolean(yesOrNo)),
    dryRun: z.optional(z.boolean(yesOrNo)),
    // Read by asksForRefusal, of events that cannot be read as well.
    answerRefusal: z.optional(z.boolean(yesOrNo)),
  },
  shape('{"requestId"} with "ranges", "onFailureRecord", or "starting…" and "ending…" of offsets or timestamps'),
);

type Fields = z.output<typeof fields>;

/** How a message speaks of a payload and its fields: whoever gave it as options never saw these. */
export interface PayloadNaming {
  readonly what: string;
  readonly nameOf?: (field: string) => string;
}

/** Throws ConfigurationError that names every wrong field. */
export function decodeReprocessPayload(
  payload: unknown,
  naming: PayloadNaming = { what: "the reprocess payload" },
): ReprocessPayload {
  const nameOf = naming.nameOf ?? ((field: string) => field);
  const isObject = typeof payload === "object" && payload !== null && !Array.isArray(payload);
  const raw = isObject ? (payload as Partial<Fields>) : {};
  const problems: string[] = [];
  const failed =
    raw.onFailureRecord === undefined ? undefined : collect(problems, () => decodeOnFailureRecord(raw.onFailureRecord));
  // A failed invocation has a name of its own: its batch is reprocessed once under it.
  const input = isObject ? { requestId: failed?.requestId, ...raw, ...listedTopics(raw) } : payload;
  const result = fields.safeParse(input, worded);
  problems.unshift(...(result.success ? [] : [listProblems(result.error, input, naming.nameOf)]));
  const assigned =
    raw.assign === undefined ? undefined : collect(problems, () => readAssign(nameOf("assign"), raw.assign));
  const parsed = collect(problems, () => parseRangeChoice(textsOf(raw), nameOf));
  problems.push(...(isObject ? formProblems(raw, nameOf) : []));
  if (failed?.invocations !== undefined && raw.requestId === undefined) {
    problems.push(
      `the on-failure records are of several invocations, ${listNames(failed.invocations)}: name the request for all of them by ${nameOf("requestId")} beside ${nameOf("onFailureRecord")}, or send them one by one`,
    );
  }
  if (!result.success || parsed === undefined || problems.length > 0) {
    throw new ConfigurationError(`${naming.what} is wrong: ${joinProblems(problems)}`);
  }
  const { requestId, dryRun = false } = result.data;
  const { maxConcurrentRanges = DEFAULT_MAX_CONCURRENT_RANGES, ordered: isOrdered = true } = result.data;
  const ranges = result.data.ranges ?? failed?.ranges;
  const selection = selectionOf(result.data, assigned);
  const target: ReprocessTarget =
    ranges === undefined
      ? { kind: "choice", choice: parsed.choice, ...omitUndefined({ selection }) }
      : { kind: "ranges", ranges };
  const asked = { target, split: parsed.split, pacing: { maxConcurrentRanges, isOrdered } };
  return { requestId, fingerprint: fingerprint(asked), ...asked, isDryRun: dryRun };
}

/** What cannot be said together, or is not said at all. */
function formProblems(raw: Partial<Fields>, nameOf: (field: string) => string): readonly string[] {
  const listed = (names: readonly string[], separator: string) => names.map(nameOf).join(separator);
  const given = (names: readonly string[]) => names.filter((name) => Object.hasOwn(raw, name));
  const forms = given(["ranges", "onFailureRecord"]);
  const choices = given([...CHOICE_OPTIONS, ...SOURCE_FIELDS]);
  const sources = given(SOURCE_FIELDS);
  if (forms.length === 2) {
    return [`${listed(forms, " and ")} cannot be combined: give one of them`];
  }
  if (forms.length === 1 && choices.length > 0) {
    return [`${listed(choices, ", ")} cannot be combined with ${listed(forms, "")}: give one or the other`];
  }
  const bounds = given(CHOICE_OPTIONS.filter((name) => /^(starting|ending)/.test(name)));
  return [
    ...(forms.length === 0 && bounds.length === 0
      ? [
          `it does not say what to reprocess: give ${nameOf("ranges")}, ${nameOf("onFailureRecord")}, or a start or an end of offsets or timestamps, as ${nameOf("startingOffsets")}`,
        ]
      : []),
    ...(sources.length > 1 ? [`${listed(sources, " and ")} cannot be combined: give one of them`] : []),
  ];
}

/** Spark's text with commas is a list like any other. */
function listedTopics({ topics }: { readonly topics?: unknown }): { readonly topics?: readonly string[] } {
  return typeof topics === "string" ? { topics: topics.split(",").map((name) => name.trim()) } : {};
}

function selectionOf(
  { topics, topicPattern }: Fields,
  assign: readonly TopicPartition[] | undefined,
): SourceSelection | undefined {
  if (topics !== undefined) {
    return { topics: [...new Set(topics)].toSorted() };
  }
  if (assign !== undefined) {
    return { assign };
  }
  return topicPattern === undefined ? undefined : { topicPattern };
}

function textsOf(raw: Partial<Fields>): ChoiceTexts {
  const options = [...CHOICE_OPTIONS, ...SPLIT_OPTIONS].filter((name) => raw[name] !== undefined);
  return Object.fromEntries(options.map((name) => [name, textOf(raw[name])]));
}

/** The text that Spark's option would have: integers as they are, also those that came as decimal strings. */
function textOf(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  if (typeof value === "number") {
    return String(exactNumber(value));
  }
  try {
    return String(JSON.stringify(value, (_, inner) => exactNumber(inner)));
  } catch (error) {
    if (error instanceof RangeError) {
      return "a value that is nested too deep";
    }
    throw error;
  }
}

function exactNumber(value: unknown): unknown {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    const isExact = Number.isFinite(value) && !Number.isInteger(value); // A fraction is refused for what it is.
    return isExact ? value : `${value}, which JSON does not hold exactly: write it as a text`;
  }
  if (Object.is(value, -0)) {
    return "-0";
  }
  // TypeScript's library does not know rawJSON (ES2026).
  const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };
  return typeof value === "string" && /^(?:0|-?[1-9]\d{0,18})$/.test(value) ? rawJSON(value) : value;
}

function collect<Value>(problems: string[], decode: () => Value): Value | undefined {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) {
      throw error;
    }
    problems.push(error.message);
    return undefined;
  }
}

function fingerprint(asked: Pick<ReprocessPayload, "target" | "split" | "pacing">): string {
  const text = JSON.stringify(asked, (key, value: unknown) => {
    if (value instanceof Map) {
      return [...value].map(([name, offset]) => `${name}:${offset}`).toSorted();
    }
    if (key === "ranges") {
      return (value as readonly OffsetRange[]).toSorted(compareOffsetRanges).map(formatOffsetRange);
    }
    return typeof value === "bigint" ? value.toString() : value;
  });
  return createHash("sha256").update(text).digest("hex");
}
