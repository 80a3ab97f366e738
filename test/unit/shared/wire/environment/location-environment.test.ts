import { expect, test } from "vitest";
import { readSchedulerConfig } from "../../../../../functions/scheduler/scheduler-config.ts";
import { encodeEnvironment } from "../../../../../shared/wire/environment/environment-variables.ts";
import {
  type SchedulerEnvironment,
  schedulerEnvironment,
} from "../../../../../shared/wire/environment/function-environment.ts";
import { SCHEDULER_ENVIRONMENT } from "../../../../support/pipeline/scheduler-environment.ts";

const zones = {
  "us-east-1a": { function: "Zone-A", timeoutMs: 300_000, racks: ["us-east-1a", "use1-az1"] },
  "us-east-1b": { function: "Zone-B", timeoutMs: 300_000, racks: ["us-east-1b", "use1-az2"] },
};
const large = { function: "Large", timeoutMs: 900_000, maxConcurrency: 4 };
const small = { function: "Small", timeoutMs: 10_000 };

function variablesOf(location: Pick<SchedulerEnvironment, "variants" | "preferFixed">) {
  return encodeEnvironment(schedulerEnvironment, { ...SCHEDULER_ENVIRONMENT, ...location });
}

test("a pipeline without a strategy has no routes", () => {
  expect(readSchedulerConfig(variablesOf({})).rules).not.toHaveProperty("routing");
});

test("racks come back as they were told, each with its zone's processor", () => {
  const { environment, rules } = readSchedulerConfig(variablesOf({ variants: zones }));

  expect(environment.variants).toEqual(zones);
  expect([...(rules.routing?.byRack ?? [])].map(([rack, { name }]) => [rack, name])).toEqual([
    ["us-east-1a", "us-east-1a"],
    ["use1-az1", "us-east-1a"],
    ["us-east-1b", "us-east-1b"],
    ["use1-az2", "us-east-1b"],
  ]);
});

test("partitions come back with their variants, in little more room than their names take", () => {
  const preferFixed = { large: ["orders:3", "orders:4"], small: ["returns:*"] };
  const variables = variablesOf({ variants: { large, small }, preferFixed });

  expect(variables["RANGES_PREFER_FIXED"]).toBe("large=orders:3,orders:4 small=returns:*");
  const { routing } = readSchedulerConfig(variables).rules;
  expect(routing?.byPartition).toEqual(
    new Map([
      ["orders:3", { name: "large", timeoutMs: 900_000, maxConcurrency: 4 }],
      ["orders:4", { name: "large", timeoutMs: 900_000, maxConcurrency: 4 }],
      ["returns:*", { name: "small", timeoutMs: 10_000 }],
    ]),
  );
  expect(routing?.byRack.size).toBe(0);
});

test.each([
  ["large=clicks:1", "it names clicks:1, which the pipeline does not read"],
  ["huge=orders:1", 'it names "huge", which is no variant'],
  ["large=orders:1,orders:1", "it names orders:1 twice"],
  ["large=orders:x", "expected topic:partition, or topic:*"],
  ["large=orders", "expected topic:partition, or topic:*"],
])("partitions %j are refused", (value, message) => {
  const variables = { ...variablesOf({ variants: { large } }), RANGES_PREFER_FIXED: value };

  expect(() => readSchedulerConfig(variables)).toThrow("RANGES_PREFER_FIXED");
  expect(() => readSchedulerConfig(variables)).toThrow(message);
});

test("partitions that are not assigned are refused, and those of a pattern are not known yet", () => {
  const { topics: _topics, ...others } = SCHEDULER_ENVIRONMENT;
  const location = { variants: { large }, preferFixed: { large: ["orders:1"] } };

  expect(() =>
    encodeEnvironment(schedulerEnvironment, { ...others, ...location, assign: [{ topic: "orders", partition: 0 }] }),
  ).toThrow("it names orders:1, which the pipeline does not read");
  expect(encodeEnvironment(schedulerEnvironment, { ...others, ...location, topicPattern: "ord.*" })).toMatchObject({
    RANGES_PREFER_FIXED: "large=orders:1",
  });
});

test.each([
  ["{", "it is not JSON"],
  ['{"-":{"function":"F","timeoutMs":1000}}', "expected names of a letter"],
  ['{"large":{"timeoutMs":1000}}', "RANGES_VARIANTS"],
  ['{"large":{"function":"F","timeoutMs":1}}', "RANGES_VARIANTS"],
])("variants %j are refused", (value, message) => {
  expect(() => readSchedulerConfig({ ...variablesOf({}), RANGES_VARIANTS: value })).toThrow(message);
});
