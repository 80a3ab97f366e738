// Reprocess payload
//
// What may be asked to be reprocessed, in one of three forms: explicit ranges, a
// choice of offsets in Spark's options, or the on-failure record of a Lambda event
// source mapping as it is.
//
//   W1  Every wrong field is named at once; a field that is not known is refused, never ignored.
//   W2  Two payloads have the same fingerprint exactly if they ask for the same.

import { createHash } from "node:crypto";
import { z } from "zod";
import { ConfigurationError } from "../core/errors.ts";
import { isLedgerName, LEDGER_NAME_RULE } from "../core/ledger-name.ts";
import { DEFAULT_MAX_CONCURRENT_RANGES, MAX_CONCURRENT_RANGES } from "../core/limits.ts";
import { compareOffsetRanges, formatOffsetRange, type OffsetRange } from "../core/offset-range.ts";
import type { SourceSelection } from "../core/offset-source.ts";
import type { ReprocessPayload, ReprocessTarget } from "../core/reprocess-request.ts";
import { compareTopicPartitions, type TopicPartition } from "../core/topic-partition.ts";
import { listProblems } from "./list-problems.ts";
import { decodeOnFailureRecord } from "./on-failure-record.ts";
import { CHOICE_OPTIONS, type ChoiceTexts, parseRangeChoice, SPLIT_OPTIONS } from "./range-choice.ts";
import { shape, wirePartition, wireRange, wireTopic } from "./wire-offset.ts";

const requestIdRule = `expected ${LEDGER_NAME_RULE}`;
const aRange = "expected at least one range";
const yesOrNo = "expected true or false";
const concurrencyRule = `expected a whole number from 1 to ${MAX_CONCURRENT_RANGES}`;
const assignRule = 'expected partitions by topic, as in {"orders": [0, 1]}';

/** A list, or Spark's text with commas. */
const topics = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").map((name) => name.trim()) : value),
  z.array(wireTopic, "expected a list of topics").min(1, "expected at least one topic"),
);

/** An object, or Spark's JSON text of it. */
const assign = z.preprocess(
  parseJsonText,
  z.record(wireTopic, z.array(wirePartition, assignRule).min(1, assignRule), assignRule),
);

export const wireRequestId = z.string(requestIdRule).refine(isLedgerName, requestIdRule);

const SOURCE_FIELDS = ["topics", "topicPattern", "assign"] as const;

const fields = z.strictObject(
  {
    requestId: wireRequestId,
    ranges: z.array(wireRange, aRange).min(1, aRange).optional(),
    onFailureRecord: z.unknown().optional(),
    topics: topics.optional(),
    topicPattern: z.string().min(1).optional(),
    assign: assign.optional(),
    // Read by parseRangeChoice, whose messages name them.
    ...(Object.fromEntries([...CHOICE_OPTIONS, ...SPLIT_OPTIONS].map((name) => [name, z.unknown().optional()])) as {
      [Option in keyof ChoiceTexts]-?: z.ZodOptional<z.ZodUnknown>;
    }),
    maxConcurrentRanges: z
      .int(concurrencyRule)
      .min(1, concurrencyRule)
      .max(MAX_CONCURRENT_RANGES, concurrencyRule)
      .optional(),
    ordered: z.boolean(yesOrNo).optional(),
    dryRun: z.boolean(yesOrNo).optional(),
  },
  shape('{"requestId"} with "ranges", "onFailureRecord", or "starting…" and "ending…" of offsets or timestamps'),
);

type Fields = z.output<typeof fields>;

/** Throws ConfigurationError that names every wrong field. */
export function decodeReprocessPayload(payload: unknown): ReprocessPayload {
  const input = withDefaultRequestId(payload);
  const result = fields.safeParse(input);
  const problems = result.success ? [] : [listProblems(result.error, input)];
  const isObject = typeof input === "object" && input !== null;
  const raw = isObject ? (input as Partial<Fields>) : {};
  const parsed = collect(problems, () => parseRangeChoice(textsOf(raw), (name) => name));
  const failed =
    raw.onFailureRecord === undefined ? undefined : collect(problems, () => decodeOnFailureRecord(raw.onFailureRecord));
  problems.push(...(isObject ? formProblems(raw) : []));
  if (!result.success || parsed === undefined || problems.length > 0) {
    throw new ConfigurationError(`the reprocess payload is wrong: ${problems.join("; ")}`);
  }
  const { requestId, dryRun = false } = result.data;
  const { maxConcurrentRanges = DEFAULT_MAX_CONCURRENT_RANGES, ordered: isOrdered = true } = result.data;
  const ranges = result.data.ranges ?? failed?.ranges;
  const selection = selectionOf(result.data);
  const target: ReprocessTarget =
    ranges === undefined
      ? { kind: "choice", choice: parsed.choice, ...(selection === undefined ? {} : { selection }) }
      : { kind: "ranges", ranges };
  const asked = { target, split: parsed.split, pacing: { maxConcurrentRanges, isOrdered } };
  return { requestId, fingerprint: fingerprint(asked), ...asked, isDryRun: dryRun };
}

/** A failed invocation has a name of its own: its batch is reprocessed once under it. */
function withDefaultRequestId(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null || "requestId" in payload || !("onFailureRecord" in payload)) {
    return payload;
  }
  const { requestContext } = (payload.onFailureRecord ?? {}) as { readonly requestContext?: { requestId?: unknown } };
  return { requestId: requestContext?.requestId, ...payload };
}

/** What cannot be said together, or is not said at all. */
function formProblems(raw: Partial<Fields>): readonly string[] {
  const given = (names: readonly string[]) => names.filter((name) => Object.hasOwn(raw, name));
  const forms = given(["ranges", "onFailureRecord"]);
  const choices = given([...CHOICE_OPTIONS, ...SOURCE_FIELDS]);
  const sources = given(SOURCE_FIELDS);
  if (forms.length === 2) {
    return ["ranges and onFailureRecord cannot be combined"];
  }
  if (forms.length === 1 && choices.length > 0) {
    return [`${choices.join(", ")} cannot be combined with ${forms.join()}`];
  }
  const bounds = given(CHOICE_OPTIONS.filter((name) => /^(starting|ending)/.test(name)));
  return [
    ...(forms.length === 0 && bounds.length === 0
      ? [
          "it does not say what to reprocess: give ranges, onFailureRecord, or a start or an end of offsets or timestamps",
        ]
      : []),
    ...(sources.length > 1 ? [`${sources.join(" and ")} cannot be combined`] : []),
  ];
}

function selectionOf({ topics: names, topicPattern, assign: byTopic }: Fields): SourceSelection | undefined {
  if (names !== undefined) {
    return { topics: [...new Set(names)].toSorted() };
  }
  if (byTopic !== undefined) {
    const partitions = Object.entries(byTopic).flatMap(([topic, numbers]): readonly TopicPartition[] =>
      [...new Set(numbers)].map((partition) => ({ topic, partition })),
    );
    return { assign: partitions.toSorted(compareTopicPartitions) };
  }
  return topicPattern === undefined ? undefined : { topicPattern };
}

function textsOf(raw: Partial<Fields>): ChoiceTexts {
  const options = [...CHOICE_OPTIONS, ...SPLIT_OPTIONS].filter((name) => raw[name] !== undefined);
  return Object.fromEntries(options.map((name) => [name, textOf(raw[name])]));
}

/** The text that Spark's option would have: integers as they are, also those that came as decimal strings. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, (_, inner) => exactNumber(inner));
}

function exactNumber(value: unknown): unknown {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    return `${value}, which JSON does not hold exactly`;
  }
  // TypeScript's library does not know rawJSON (ES2026).
  const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };
  return typeof value === "string" && /^-?(0|[1-9]\d{0,18})$/.test(value) ? rawJSON(value) : value;
}

function parseJsonText(value: unknown): unknown {
  if (typeof value !== "string") {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    // What it is instead is said by the schema.
    return value;
  }
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
