import { describe, expect, test } from "vitest";
import { decodeEnvironment, encodeEnvironment } from "../../../../../shared/wire/environment/environment-variables.ts";
import {
  type SchedulerEnvironment,
  schedulerEnvironment,
} from "../../../../../shared/wire/environment/function-environment.ts";
import { SCHEDULER_ENVIRONMENT } from "../../../../support/pipeline/scheduler-environment.ts";

const { topics: _topics, ...withoutTopics } = SCHEDULER_ENVIRONMENT;
const encode = (change: Partial<SchedulerEnvironment>) =>
  encodeEnvironment(schedulerEnvironment, { ...SCHEDULER_ENVIRONMENT, ...change });

test("EV1: a word for a topic survives the environment", () => {
  const config = {
    ...SCHEDULER_ENVIRONMENT,
    startingOffsets: new Map([
      ["orders-*", -2n],
      ["returns-0", 5n],
    ]),
  };

  const variables = encodeEnvironment(schedulerEnvironment, config);

  expect(variables).toMatchObject({ RANGES_STARTING_OFFSETS: '{"orders":"earliest","returns":{"0":5}}' });
  expect(decodeEnvironment(schedulerEnvironment, variables)).toEqual(config);
});

describe("starts of what the pipeline does not read are refused:", () => {
  const other = new Map([
    ["orders-0", 1n],
    ["other-*", -2n],
    ["my-other-0", 1n],
  ]);

  test("offsets, beside named topics", () => {
    expect(() => encode({ startingOffsets: other })).toThrow(
      "is wrong: it names other-*, my-other-0, which the pipeline does not read",
    );
  });

  test("timestamps, which go before offsets", () => {
    const timestamps = new Map([["other-0", 5n]]);

    expect(() => encode({ startingOffsetsByTimestamp: timestamps })).toThrow("it names other-0, which the pipeline");
  });

  test("partitions, beside assigned ones", () => {
    const assign = [{ topic: "orders", partition: 0 }];
    const startingOffsets = new Map([
      ["orders-0", 1n],
      ["orders-1", 1n],
    ]);

    expect(() => encodeEnvironment(schedulerEnvironment, { ...withoutTopics, assign, startingOffsets })).toThrow(
      "it names orders-1, which the pipeline does not read",
    );
  });

  test("but not where a timestamp for all goes before them, nor where nobody can tell yet", () => {
    expect(() => encode({ startingOffsets: other, startingTimestamp: 5n })).not.toThrow();
    expect(() =>
      encodeEnvironment(schedulerEnvironment, { ...withoutTopics, topicPattern: "o.*", startingOffsets: other }),
    ).not.toThrow();
  });

  test("nor for topics that they leave out: a later one starts at its log's beginning", () => {
    expect(() => encode({ startingOffsets: new Map([["orders-0", 1n]]) })).not.toThrow();
  });
});

test.each([
  ['{"orders":[0,1]}', "has no object of partitions under orders"],
  ['{"orders":{"0":1,"0":2}}', 'names "0" twice in one object'],
  ['{"orders":{"00":1}}', 'names partition "00" of orders'],
])("RANGES_STARTING_OFFSETS %s is refused as anywhere", (text, message) => {
  const variables = { ...encode({}), RANGES_STARTING_OFFSETS: text };

  expect(() => decodeEnvironment(schedulerEnvironment, variables)).toThrow(message);
});

test.each([
  ["RANGES_ASSIGN", "orders:007"],
  ["RANGES_MAX_ATTEMPTS", "05"],
  ["RANGES_MAX_RECORDS_PER_PARTITION", "0100"],
  ["RANGES_STARTING_TIMESTAMP", "01767225600000"],
])("%s has no leading zeros", (name, value) => {
  const variables = { ...encode({}), [name]: value };

  expect(() => decodeEnvironment(schedulerEnvironment, variables)).toThrow(`${name} `);
});
