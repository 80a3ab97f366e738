import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Architecture } from "aws-cdk-lib/aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readReleaseConfig } from "../../../cdk/lib/release/read-release-config.ts";

let path: string;

beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), "release-config-")), "pipeline.json");
});

afterAll(() => rm(join(path, ".."), { recursive: true }));

const read = (text: string) => {
  writeFileSync(path, text);
  return readReleaseConfig(path)(new Stack(new App()));
};

test("durations, architecture and variants are what the construct takes", () => {
  const config = {
    topics: ["orders"],
    retention: "P30D",
    dispatchTimeout: "PT1M30S",
    architecture: "x86_64",
    locationStrategy: {
      preferFixed: { "orders:3": "large" },
      variants: { large: { memorySize: 3_538, timeout: "PT10M" } },
    },
    deadLetterTarget: { bucket: "letters", prefix: "orders" },
    manifests: { bucket: "orders-archive", prefix: "archive" },
  };

  const props = read(JSON.stringify(config));

  expect(props).toMatchObject({
    topics: ["orders"],
    architecture: Architecture.X86_64,
    locationStrategy: { preferFixed: { "orders:3": "large" }, variants: { large: { memorySize: 3_538 } } },
    deadLetterTarget: { bucket: { bucketName: "letters" }, prefix: "orders" },
    manifests: { bucket: { bucketName: "orders-archive" }, prefix: "archive" },
  });
  expect(props.retention?.toDays()).toBe(30);
  expect(props.dispatchTimeout?.toSeconds()).toBe(90);
  expect(props.locationStrategy).toHaveProperty("variants.large.timeout", Duration.parse("PT10M"));
});

test("without a file nothing is fixed", () => {
  expect(readReleaseConfig(undefined)(new Stack(new App()))).toEqual({});
});

test.each([
  ["{", /pipeline\.json" cannot be read as JSON/],
  ["[]", /is not an object of JSON; give the pipeline's props/],
  ['{"retention": 30}', /retention is 30; choose a duration of ISO 8601, as PT30S, PT5M or P30D/],
  ['{"batchInterval": "PT"}', /batchInterval is "PT"; choose a duration/],
  ['{"architecture": "arm"}', /architecture is "arm"; choose arm64 or x86_64/],
  ['{"locationStrategy": "preferBrokers"}', /does not know the zones of its subnets/],
  [
    '{"locationStrategy": {"preferFixed": {}, "variants": {"large": {"timeout": 5}}}}',
    /locationStrategy\.variants\.large\.timeout is 5/,
  ],
  [
    '{"vpc": "vpc-1", "processorEntry": "a.ts"}',
    /vpc cannot be fixed: the parameters SubnetIds and SecurityGroupIds say it; processorEntry cannot be fixed: give --entry/,
  ],
])("what JSON cannot fix is refused: %s", (text, why) => {
  expect(() => read(text)).toThrow(why);
});
