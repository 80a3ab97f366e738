// What holds for every refusal of a foreign value: it is short, whatever it is about,
// and in words of this project.

import { describe, expect, test } from "vitest";
import { decodeEnvironment } from "../../../../shared/wire/environment/environment-variables.ts";
import {
  processorEnvironment,
  schedulerEnvironment,
} from "../../../../shared/wire/environment/function-environment.ts";
import { decodeOnFailureRecord } from "../../../../shared/wire/events/on-failure-record.ts";
import { decodeProcessorEvent } from "../../../../shared/wire/events/processor-event.ts";
import { encodeRangeMessage } from "../../../../shared/wire/events/range-message.ts";
import { decodeReprocessPayload } from "../../../../shared/wire/events/reprocess-payload.ts";
import { decodeSchedulerEvent } from "../../../../shared/wire/events/scheduler-event.ts";
import { decodeStrategyAnswer } from "../../../../shared/wire/events/strategy-answer.ts";
import { parseRangeArgument } from "../../../../shared/wire/offsets/range-argument.ts";
import { parseSparkOffsets } from "../../../../shared/wire/offsets/spark-offsets.ts";
import { aRangeRecord } from "../../../support/builders/builders.ts";

const MEGABYTE = "x".repeat(1_000_000);
const range = { topic: "orders", partition: 3, fromOffset: "5", untilOffset: "9" };
const message = JSON.parse(encodeRangeMessage({ record: aRangeRecord() }));

function refusalOf(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    expect(error).toHaveProperty("name", "ConfigurationError");
    return (error as Error).message;
  }
  return expect.unreachable("nothing was refused");
}

const thousand = <Item>(make: (index: number) => Item) => Array.from({ length: 1_000 }, (_, index) => make(index));
const reprocess = (fields: object) => () =>
  decodeSchedulerEvent({ reprocess: { requestId: "again-1", ranges: [range], ...fields } });

describe("a refusal is short for", () => {
  test.each<[string, () => unknown]>([
    ["a field name of a megabyte", () => decodeSchedulerEvent({ [MEGABYTE]: 1 })],
    ["a field name of a megabyte within", reprocess({ [MEGABYTE]: 1 })],
    ["a thousand fields", () => decodeSchedulerEvent(Object.fromEntries(thousand((index) => [`f${index}`, 1])))],
    ["a thousand fields within", reprocess(Object.fromEntries(thousand((index) => [`f${index}`, 1])))],
    ["a thousand wrong ranges", reprocess({ ranges: thousand(() => ({ ...range, fromOffset: "x" })) })],
    ["a thousand topics with long names", reprocess({ topics: thousand(() => MEGABYTE.slice(0, 2_000)) })],
    ["a request id of a megabyte", reprocess({ requestId: MEGABYTE })],
    ["a topic of a megabyte in a range", reprocess({ ranges: [{ ...range, topic: MEGABYTE }] })],
    ["a megabyte as offsets", reprocess({ ranges: undefined, startingOffsets: MEGABYTE })],
    ["a megabyte as a timestamp", reprocess({ ranges: undefined, startingTimestamp: MEGABYTE })],
    [
      "a megabyte as each option",
      reprocess({ startingOffsets: MEGABYTE, endingTimestamp: MEGABYTE, onNoMatch: MEGABYTE }),
    ],
    ["a topic of a megabyte in JSON", () => parseSparkOffsets("offsets", JSON.stringify({ [MEGABYTE]: { 0: 1 } }))],
    ["a key of a megabyte twice", () => parseSparkOffsets("offsets", `{"${MEGABYTE}":{},"${MEGABYTE}":{}}`)],
    ["a number of a megabyte", () => parseSparkOffsets("offsets", `{"a":{"0":${"9".repeat(1_000_000)}}}`)],
    ["a range of a megabyte", () => parseRangeArgument(`${MEGABYTE}:0:1:2`)],
    [
      "an on-failure record's key",
      () =>
        decodeOnFailureRecord({
          KafkaBatchInfo: { recordsInfo: { [MEGABYTE]: { firstRecordOffset: 1, lastRecordOffset: 2 } } },
        }),
    ],
    [
      "a thousand messages of other invocations",
      () =>
        decodeSchedulerEvent({
          Messages: thousand((index) => ({
            Body: JSON.stringify({
              requestContext: { requestId: `r${index}` },
              KafkaBatchInfo: { recordsInfo: { "a-0": { firstRecordOffset: 1, lastRecordOffset: 2 } } },
            }),
          })),
        }),
    ],
    ["a dispatch's topic", () => decodeProcessorEvent({ ...message, record: { ...message.record, topic: MEGABYTE } })],
    [
      "a dispatch's field",
      () =>
        decodeProcessorEvent({
          ...message,
          record: { ...message.record, chain: { ...message.record.chain, [MEGABYTE]: 1 } },
        }),
    ],
    ["a variable's value", () => decodeEnvironment(schedulerEnvironment, { RANGES_TOPICS: MEGABYTE })],
    [
      "a thousand variables",
      () =>
        decodeEnvironment(processorEnvironment, Object.fromEntries(thousand((index) => [`RANGES_X_${index}`, "1"]))),
    ],
    [
      "a strategy's topics",
      () => decodeStrategyAnswer({ selection: { topics: thousand(() => MEGABYTE.slice(0, 999)) } }),
    ],
  ])("%s", (_, decode) => {
    expect(refusalOf(decode).length).toBeLessThanOrEqual(4_001);
  });
});

test("a thousand wrong ranges are counted", () => {
  const refusal = refusalOf(reprocess({ ranges: thousand(() => ({ ...range, fromOffset: "x" })) }));

  expect(refusal).toContain("ranges[0].fromOffset is");
  expect(refusal).toMatch(/ and 980 more$/);
});

describe("a refusal speaks neither of zod's types nor of assertions:", () => {
  const JUNK = [undefined, null, 5, -0, "text", true, [], {}, [[]], { a: 1 }];
  const fieldsOf = (whole: object) =>
    Object.keys(whole).flatMap((key) =>
      JUNK.map((junk): [string, unknown] => [`${key} ${JSON.stringify(junk)}`, { ...whole, [key]: junk }]),
    );
  const record = (field: string, junk: unknown) => ({ ...message, record: { ...message.record, [field]: junk } });

  const events: readonly (readonly [string, () => unknown])[] = [
    ...JUNK.map((junk) => [`scheduler ${JSON.stringify(junk)}`, () => decodeSchedulerEvent(junk)] as const),
    ...JUNK.map((junk) => [`processor ${JSON.stringify(junk)}`, () => decodeProcessorEvent(junk)] as const),
    ...JUNK.map((junk) => [`record ${JSON.stringify(junk)}`, () => decodeOnFailureRecord(junk)] as const),
    ...JUNK.map(
      (junk) =>
        [
          `batch info ${JSON.stringify(junk)}`,
          () => decodeOnFailureRecord({ KafkaBatchInfo: junk, payload: junk }),
        ] as const,
    ),
    ...JUNK.map(
      (junk) => [`strategy ${JSON.stringify(junk)}`, () => decodeStrategyAnswer({ selection: junk })] as const,
    ),
    ...fieldsOf({
      requestId: "a",
      ranges: [range],
      assign: {},
      topicPattern: "",
      ordered: true,
      dryRun: true,
      maxConcurrentRanges: 1,
    }).map(([what, payload]) => [`payload ${what}`, () => decodeReprocessPayload(payload)] as const),
    ...Object.keys(message.record).flatMap((field) =>
      JUNK.map(
        (junk) => [`${field} ${JSON.stringify(junk)}`, () => decodeProcessorEvent(record(field, junk))] as const,
      ),
    ),
    ["a partition of another chain", () => decodeProcessorEvent(record("partition", 7))],
    ["a status and its length", () => decodeProcessorEvent(record("status", "ANCHOR"))],
    ["a status and its lease", () => decodeProcessorEvent(record("status", "RUNNING"))],
    ["an empty environment", () => decodeEnvironment(schedulerEnvironment, {})],
    [
      "a wrong environment",
      () =>
        decodeEnvironment(schedulerEnvironment, {
          RANGES_MAX_ATTEMPTS: "0",
          RANGES_ON_DATA_LOSS: "x",
          RANGES_ASSIGN: "a:007",
          RANGES_PIPELINE: "",
        }),
    ],
  ];

  test("every junk in every field", () => {
    const refusals = events.flatMap(([what, decode]) => {
      try {
        decode();
        return [];
      } catch (error) {
        return [`${what}: ${(error as Error).name}: ${(error as Error).message}`];
      }
    });

    expect(refusals.length).toBeGreaterThan(200);
    const odd = refusals.filter((text) => ODD_WORDS.test(text.slice(text.indexOf(REFUSAL))) || !text.includes(REFUSAL));
    expect(odd).toEqual([]);
  });
});

const REFUSAL = ": ConfigurationError: ";

const ODD_WORDS =
  /Invalid|Unrecognized|received|Too (small|big)|expected (string|number|int|object|array|record|bigint)\b|[!=]==|\n|undefined/;
