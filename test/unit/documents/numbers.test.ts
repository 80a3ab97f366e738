// Numbers that a document names, read from where they are set.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { outageBackoffMs } from "../../../shared/core/failure/backoff.ts";
import {
  ATTEMPTS_BEFORE_GIVING_UP,
  DEFAULT_MAX_CONCURRENT_RANGES,
  DEFAULT_MAX_OUTAGE_ATTEMPTS,
  ENDPOINT_TIMEOUT_MS,
  LEASE_MARGIN_MS,
  MAX_DISPATCH_SPREAD_MS,
  MAX_OUTPUTS_PER_COMMIT,
  PROCESSOR_TIME_SHARE,
  SIZE_HEADROOM,
  STRATEGY_TIMEOUT_MS,
  TRANSACTION_CHECK_MS,
} from "../../../shared/core/limits.ts";
import { DYNAMODB_LIMITS } from "../../../shared/dynamodb/items/limits.ts";
import { MAX_IDLE_MS, RETRY_BASE_MS, RETRY_CAP_MS } from "../../../shared/kafka/limits.ts";
import { readDocuments } from "../../documents/documents.ts";
import { MUTANTS } from "../../simulation/mutants/mutants.ts";

const documents = readDocuments();
const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

function textOf(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

/** The number that a source file has at this place. */
function numberIn(path: string, pattern: RegExp): string {
  const [, digits = "nowhere"] = pattern.exec(textOf(path)) ?? [];
  return digits.replaceAll("_", "");
}

function thousands(count: number | string): string {
  return Number(count).toLocaleString("en-US");
}

function seconds(ms: number): string {
  return `${WORDS[ms / 1_000]} seconds`;
}

function minutes(ms: number): string {
  return `${WORDS[ms / 60_000]} minutes`;
}

const README = "README.md";
const CODE = "functions/README.md";
const OPERATE = "cdk/README.md";
const PROOF = "test/README.md";
const CHANGE = "CONTRIBUTING.md";
const outputs = MAX_OUTPUTS_PER_COMMIT;

describe("a number is the one that holds", () => {
  test.each([
    [README, `at most ${outputs} DynamoDB writes`],
    [README, `One transaction takes ${outputs} outputs`],
    [README, `a line of more than ${outputs} distinct words`],
    ["CHANGELOG.md", `up to ${outputs}`],
    [CODE, `at most ${outputs} DynamoDB writes`],
    [CODE, `a key over ${thousands(DYNAMODB_LIMITS.partitionKeyBytes)} bytes`],
    [CODE, `an item over ${DYNAMODB_LIMITS.itemBytes / 1_024} KB`],
    [CODE, `\`maxOutageAttempts\` (${DEFAULT_MAX_OUTAGE_ATTEMPTS})`],
    [CODE, `${WORDS[ATTEMPTS_BEFORE_GIVING_UP]} where it cannot be read`],
    [CODE, `\`maxConcurrentRanges\` (${DEFAULT_MAX_CONCURRENT_RANGES})`],
    [CODE, `waits ${seconds(STRATEGY_TIMEOUT_MS)} at most`],
    [CODE, `${WORDS[SIZE_HEADROOM * 10]} tenths of the batch interval`],
    [CODE, `${WORDS[PROCESSOR_TIME_SHARE * 5]} fifths of the processor's time-out`],
    [CODE, `\`maxQuarantinedPerRange\` (${numberIn("cdk/lib/resolve-props.ts", /maxQuarantinedPerRange \?\? (\d+)/)})`],
    [OPERATE, `within ${seconds(ENDPOINT_TIMEOUT_MS)} fails it`],
    [OPERATE, `the function's time-out plus ${seconds(LEASE_MARGIN_MS)}`],
    [OPERATE, `looks for it every ${minutes(TRANSACTION_CHECK_MS)}`],
    [OPERATE, `are kept for ${WORDS[MAX_IDLE_MS / 60_000]} minutes`],
    [OPERATE, `\`dispatchesPerSecond\` (${numberIn("cdk/lib/resolve-props.ts", /"AWS_MSK_IAM" \? (\d+)/)})`],
    [
      "shared/core/README.md",
      `up to ${RETRY_BASE_MS} ms at first and doubling to ${RETRY_CAP_MS === 1_000 ? "a second" : ""}.`,
    ],
    [PROOF, `Every ${minutes(TRANSACTION_CHECK_MS)} a run asks`],
    [PROOF, `${thousands(numberIn("cdk/lib/resolve-props.ts", /"AWS_MSK_IAM" \? \d+ : ([\d_]+)/))} a second`],
    [PROOF, `within ${MAX_DISPATCH_SPREAD_MS === 30_000 ? "half a minute" : ""} whatever`],
    [PROOF, `plants ${MUTANTS.length} bugs`],
    [PROOF, `(${thousands(numberIn("test/simulation/simulation.test.ts", /SIMULATION_SEEDS"\] \?\? ([\d_]+)/))})`],
    [PROOF, `(${numberIn("test/property/pipeline.test.ts", /PROPERTY_RUNS"\] \?\? ([\d_]+)/)})`],
    [PROOF, `(${numberIn("test/property/java/java-patterns.test.ts", /TEST_PATTERN_RUNS"\] \?\? ([\d_]+)/)})`],
    [PROOF, `(${numberIn("test/integration/kafka/reading/java-oracle.test.ts", /ORACLE_TOPICS"\] \?\? ([\d_]+)/)})`],
    [PROOF, `(${thousands(numberIn("test/integration/integers.test.ts", /TEST_INTEGERS"\] \?\? ([\d_]+)/))})`],
    [CHANGE, `at most ${numberIn("test/unit/house.test.ts", /product: (\d+)/)} lines`],
    [CHANGE, `at most ${numberIn("test/unit/house.test.ts", /MAX_FILES_PER_FOLDER = (\d+)/)} files`],
    [CHANGE, `a function at most ${numberIn(".biome.json", /"maxLines": (\d+)/)}`],
  ])("in %s: %s", (path, phrase) => {
    expect(documents.get(path)?.replaceAll(/\s+/g, " ").includes(phrase)).toBe(true);
  });
});

test("an outage is waited out for an hour and a quarter at least", () => {
  const waits = Array.from({ length: DEFAULT_MAX_OUTAGE_ATTEMPTS - 1 }, (_, index) => outageBackoffMs(index + 1, 0));

  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThanOrEqual(75 * 60_000);
  expect(documents.get(README)).toContain("an hour and a quarter at least");
  expect(documents.get(CODE)).toContain("an hour and a quarter at least");
});

test("what has to be installed is what the local stack asks for and package.json names", () => {
  const { engines, devDependencies, license, version } = JSON.parse(textOf("package.json"));
  const [jdk, , python] = [
    ...textOf("functions/local/process/requirements.ts").matchAll(/minimum: \[([\d, ]+)\]/g),
  ].map(([, minimum = ""]) => minimum.replace(", ", "."));

  expect(documents.get(README)).toContain(
    `Node.js ${engines.node.replace(">=", "")} or later, a JDK ${jdk} or later, Maven, and Python ${python} or later`,
  );
  expect(documents.get(CHANGE)).toContain(`a JDK ${jdk} or later, Maven, and Python ${python} or later`);
  expect(textOf(".nvmrc").trim()).toBe(devDependencies.node);
  expect(license).toBe("Apache-2.0");
  expect(textOf("LICENSE")).toMatch(/^\s*Apache License\s+Version 2\.0/);
  expect(documents.get("CHANGELOG.md")).toContain(version);
});
