import { expect, test } from "vitest";
import { decodeEnvironment, encodeEnvironment } from "../../../../../shared/wire/environment/environment-variables.ts";
import {
  processorEnvironment,
  type SchedulerEnvironment,
  schedulerEnvironment,
} from "../../../../../shared/wire/environment/function-environment.ts";
import { manifestEnvironment } from "../../../../../shared/wire/environment/manifest-environment.ts";
import { VARIABLE_MEANINGS } from "../../../../../shared/wire/environment/variable-meanings.ts";
import { SCHEDULER_ENVIRONMENT as config } from "../../../../support/pipeline/scheduler-environment.ts";

const pid = { backpressure: "pid", pidProportional: 1, pidIntegral: 0.2, pidDerived: 0, pidMinRate: 100 } as const;

test("EV1: what the stack encodes, the function decodes", () => {
  const variables = encodeEnvironment(schedulerEnvironment, config);

  expect(variables).toMatchObject({
    RANGES_BOOTSTRAP_SERVERS: "b-1:9092,b-2:9092",
    RANGES_MAX_RECORDS_PER_PARTITION: "9007199254740993",
  });
  expect(decodeEnvironment(schedulerEnvironment, { ...variables, PATH: "/bin" })).toEqual(config);
});

test("weights survive the environment", () => {
  const weighed = { ...config, ...pid };

  expect(decodeEnvironment(schedulerEnvironment, encodeEnvironment(schedulerEnvironment, weighed))).toEqual(weighed);
});

test("assigned partitions survive the environment", () => {
  const { topics: _topics, ...rest } = config;
  const assigned = {
    ...rest,
    assign: [
      { topic: "a-1", partition: 0 },
      { topic: "b", partition: 12 },
    ],
  };

  expect(decodeEnvironment(schedulerEnvironment, encodeEnvironment(schedulerEnvironment, assigned))).toEqual(assigned);
});

test("Spark's offsets and timestamps survive the environment exactly", () => {
  const starting = {
    ...config,
    startingOffsets: new Map([["orders-0", 9_007_199_254_740_993n]]),
    startingTimestamp: 1_700_000_000_000n,
    startingOffsetsByTimestamp: new Map([["orders-0", 5n]]),
    onNoMatch: "latest",
  } as const;

  const variables = encodeEnvironment(schedulerEnvironment, starting);

  expect(variables).toMatchObject({
    RANGES_STARTING_OFFSETS: '{"orders":{"0":9007199254740993}}',
    RANGES_STARTING_OFFSETS_BY_TIMESTAMP: '{"orders":{"0":5}}',
  });
  expect(decodeEnvironment(schedulerEnvironment, variables)).toEqual(starting);
});

test("EV2: an unknown RANGES_ variable is refused", () => {
  const variables = { ...encodeEnvironment(schedulerEnvironment, config), RANGES_MAX_ATEMPTS: "3" };

  expect(() => decodeEnvironment(schedulerEnvironment, variables)).toThrow("RANGES_MAX_ATEMPTS: unknown, remove it");
});

test("every problem is listed at once, with the variable and its value", () => {
  const variables = {
    ...encodeEnvironment(schedulerEnvironment, config),
    RANGES_MAX_ATTEMPTS: "0",
    RANGES_BOOTSTRAP_SERVERS: "b-1",
    RANGES_PIPELINE: undefined,
  };

  const decode = () => decodeEnvironment(schedulerEnvironment, variables);

  expect(decode).toThrow('RANGES_MAX_ATTEMPTS "0" is wrong');
  expect(decode).toThrow('RANGES_BOOTSTRAP_SERVERS "b-1" is wrong: expected host:port');
  expect(decode).toThrow("RANGES_PIPELINE is not set");
});

test.each([
  ["no way to choose topics", { topics: undefined }],
  ["two ways to choose topics", { topicPattern: "o.*" }],
])("refuses %s", (_, change) => {
  const { topics, ...rest } = { ...config, ...change };
  const changed = { ...rest, ...(topics === undefined ? {} : { topics }) };

  expect(() => encodeEnvironment(schedulerEnvironment, changed)).toThrow(
    "expected exactly one of topics, topicPattern, assign and strategy",
  );
});

test("an out-of-bounds configuration is refused where the stack is synthesized, by the prop's name", () => {
  const encode = () => encodeEnvironment(schedulerEnvironment, { ...config, maxAttempts: 101 });

  expect(encode).toThrow("maxAttempts 101 is wrong");
});

test.each<[string, Partial<SchedulerEnvironment>, string]>([
  [
    "a least above the most of a partition",
    { minRecordsPerPartition: 5n, maxRecordsPerPartition: 4n },
    'minRecordsPerPartition "5" is wrong: expected at most maxRecordsPerPartition 4',
  ],
  [
    "a least above the most of a batch",
    { minRecordsPerBatch: 5n, maxRecordsPerBatch: 4n, maxBatchDelayMs: 1_000 },
    'minRecordsPerBatch "5" is wrong: expected at most maxRecordsPerBatch 4',
  ],
  [
    "a least of a batch without an end to the delay",
    { minRecordsPerBatch: 5n },
    "maxBatchDelayMs is not set: minRecordsPerBatch and maxBatchDelayMs need each other",
  ],
  ["a retention that an outage of days outlasts", { retentionMs: 604_799_999 }, "retentionMs 604799999 is wrong"],
  [
    "backpressure that is off and has weights",
    { pidMinRate: 100 },
    "pidMinRate 100 is wrong: backpressure pid and its four weights need each other",
  ],
  [
    "backpressure without its weights",
    { backpressure: "pid" },
    "pidDerived is not set: backpressure pid and its four weights need each other",
  ],
  [
    "cuts in a pipeline that keeps order",
    { minPartitions: 4 },
    "minPartitions 4 is wrong: ranges are cut only where ordered is false",
  ],
  ["a least rate of nothing", { ...pid, pidMinRate: 0 }, "pidMinRate 0 is wrong: expected more than 0"],
])("refuses %s with its values", (_, change, message) => {
  expect(() => encodeEnvironment(schedulerEnvironment, { ...config, ...change })).toThrow(message);
});

test("every key has a meaning in the documents, and nothing else has one", () => {
  const keys = Object.keys({
    ...schedulerEnvironment.shape,
    ...processorEnvironment.shape,
    ...manifestEnvironment.shape,
  });

  expect(Object.keys(VARIABLE_MEANINGS).toSorted()).toEqual(keys.toSorted());
});

test.each([
  ["a mechanism without SASL", { saslMechanism: "PLAIN", saslSecret: "arn" }, "SSL takes no mechanism"],
  ["SASL without a mechanism", { securityProtocol: "SASL_SSL" }, "SASL_SSL needs a mechanism"],
  ["a password without a secret", { securityProtocol: "SASL_SSL", saslMechanism: "PLAIN" }, "PLAIN needs a secret"],
  [
    "IAM with a secret",
    { securityProtocol: "SASL_SSL", saslMechanism: "AWS_MSK_IAM", saslSecret: "arn" },
    "only PLAIN and SCRAM take a secret",
  ],
  [
    "IAM in clear text",
    { securityProtocol: "SASL_PLAINTEXT", saslMechanism: "AWS_MSK_IAM" },
    "AWS_MSK_IAM needs SASL_SSL",
  ],
] as const)("refuses %s", (_, security, message) => {
  expect(() => encodeEnvironment(schedulerEnvironment, { ...config, ...security })).toThrow(message);
});

test.each([
  [["b-1:0"], "expected host:port, with a port from 1 to 65535"],
  [["b-1:70000"], "expected host:port, with a port from 1 to 65535"],
  [["b-1:9092", "::1:9092"], "expected host:port"],
  [["http://b-1:9092"], "expected host:port"],
  [["SASL_SSL://b-1:9092"], 'bootstrap server "SASL_SSL://b-1:9092" says SASL_SSL, but the security protocol is SSL'],
  [["b-1:9092,PLAINTEXT://b-2:9092"], "says PLAINTEXT, but the security protocol is SSL"],
])("refuses the servers %j", (bootstrapServers, message) => {
  expect(() => encodeEnvironment(schedulerEnvironment, { ...config, bootstrapServers })).toThrow(message);
});

test.each([[["SSL://b-1.example:9092", "[::1]:9092"]], [["b-1:9092, b-2:9092"]]])(
  "takes the servers %j",
  (bootstrapServers) => {
    expect(encodeEnvironment(schedulerEnvironment, { ...config, bootstrapServers })).toMatchObject({
      RANGES_BOOTSTRAP_SERVERS: bootstrapServers.join(","),
    });
  },
);
