// What the package's functions do with options that code without types may give them.

import { describe, expect, test } from "vitest";
import * as ofAvro from "../../../../functions/package/avro.ts";
import * as deserializers from "../../../../functions/package/deserializers.ts";
import * as ofJsonSchema from "../../../../functions/package/json-schema.ts";
import * as ofKafka from "../../../../functions/package/kafka.ts";
import * as ofParquet from "../../../../functions/package/parquet.ts";
import * as pipeline from "../../../../functions/package/pipeline.ts";
import * as ofPostgres from "../../../../functions/package/postgres.ts";
import * as ofProtobuf from "../../../../functions/package/protobuf.ts";
import * as reader from "../../../../functions/package/reader.ts";
import * as ofS3 from "../../../../functions/package/s3.ts";
import * as testing from "../../../../functions/package/testing.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";

const registry = deserializers.confluentRegistry({ url: "http://127.0.0.1:9" });
const cluster = { clientId: "tests", bootstrapServers: ["127.0.0.1:9"] };

/** Each with options that it takes; false where it may be given more than it knows. */
const makers: Readonly<Record<string, { readonly options: object; readonly areChecked?: false }>> = {
  avro: { options: { registry } },
  avroFile: { options: {} },
  avroPayload: { options: { registry } },
  confluentRegistry: { options: { url: "http://127.0.0.1:9" } },
  createKafkaOffsetSource: { options: cluster, areChecked: false },
  createKafkaRangeReader: { options: cluster, areChecked: false },
  createRangeProcessor: { options: { process: async () => undefined } },
  createScheduler: { options: {} },
  glueRegistry: { options: {} },
  json: { options: {} },
  jsonLines: { options: {} },
  jsonSchema: { options: { registry } },
  jsonSchemaColumns: { options: {} },
  jsonSchemaPayload: { options: { registry } },
  kafkaOutput: { options: { topic: "orders" } },
  parquet: { options: {} },
  postgresOutput: { options: { host: "127.0.0.1", user: "orders" } },
  protobuf: { options: { registry } },
  protobufColumns: { options: {} },
  protobufPayload: { options: { registry } },
  rawBytes: { options: {} },
  registryTls: { options: {} },
  runRange: { options: {} },
  s3Archive: { options: { bucket: "archive" } },
};

/** What takes no options by name. */
const OTHERS = [
  ...["avroColumns", "avroLine", "bulkStatement", "bytes", "createTestClock", "del", "fromEventSourceHandler"],
  ...["jsonSchemaLine", "listedOffset", "postgresSchema", "protobufLine", "put", "rangeOf", "recordFields"],
  ...["recordsOf", "requireVariable", "string", "update"],
];

const modules = [
  ...[pipeline, ofAvro, deserializers, ofJsonSchema, ofKafka, ofParquet, ofPostgres, ofProtobuf, reader, ofS3],
  testing,
];
const functions = new Map(
  modules.flatMap((exports) =>
    Object.entries<unknown>({ ...exports }).filter(
      (entry): entry is [string, (options: unknown) => unknown] =>
        typeof entry[1] === "function" && !/^[A-Z]/.test(entry[0]),
    ),
  ),
);

test("every function of the package is looked at", () => {
  expect([...functions.keys()].toSorted()).toEqual([...Object.keys(makers), ...OTHERS].toSorted());
});

const make = async (name: string, given: unknown) => (functions.get(name) ?? expect.unreachable(name))(given);

describe.each([[null], [5], ["text"]])("ROP1: for options, %j is refused", (given) => {
  test.each(Object.keys(makers))("by %s", async (name) => {
    await expect(make(name, given)).rejects.toThrow(ConfigurationError);
  });
});

test.each(Object.entries(makers).filter(([, { areChecked }]) => areChecked ?? true))(
  "ROP1: %s names an option that there is not",
  async (name, { options }) => {
    const refused = expect(make(name, { ...options, optoin: 1 })).rejects;
    await refused.toThrow(ConfigurationError);
    await refused.toThrow("optoin");
  },
);

test.each<[string, () => unknown, string]>([
  [
    "a registry that is missing",
    () => ofAvro.avro({} as never),
    "avro: registry is missing; expected what confluentReg",
  ],
  ["a registry's address", () => ofProtobuf.protobuf({ registry: "http://x" } as never), 'registry is "http://x"; exp'],
  ["longs", () => ofAvro.avro({ registry, longs: "big" } as never), 'longs is "big"; expected "bigint" or "number"'],
  ["validate", () => ofJsonSchema.jsonSchema({ registry, validate: "no" } as never), 'validate is "no"; expected true'],
  ["check", () => deserializers.json({ check: true } as never), "json: check is true; expected a function"],
  [
    "an envelope",
    () => ofS3.jsonLines({ line: { vale: "json" } } as never),
    "the envelope of jsonLines: vale is no opt",
  ],
  ["row without columns", () => ofParquet.parquet({ row: () => ({}) } as never), "parquet: row is no option"],
  [
    "process",
    () => pipeline.createRangeProcessor({} as never),
    "createRangeProcessor: process is missing; expected a f",
  ],
  [
    "no output",
    () => pipeline.createRangeProcessor({ process: async () => {}, output: "s3" } as never),
    'output is "s3"',
  ],
  [
    "bootstrapServers",
    () => reader.createKafkaRangeReader({ ...cluster, bootstrapServers: "x:1" } as never),
    "an array",
  ],
  ["a start", () => testing.createTestClock("noon" as never), 'createTestClock was given "noon"'],
  ["a statement", () => ofPostgres.bulkStatement("", {}), 'bulkStatement: its text is ""; expected one statement'],
])("ROP1: %s is named with its value and what is expected", (_, make, message) => {
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow(message);
});

test("an option that is undefined is one that is left out", () => {
  expect(ofS3.rawBytes({ compression: undefined } as never).extension).toBe("bin");
  expect(() =>
    ofParquet.parquet({ columns: undefined, envelope: undefined, optoin: undefined } as never),
  ).not.toThrow();
});
