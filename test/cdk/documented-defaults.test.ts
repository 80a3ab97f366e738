// The defaults that the props' docstrings name, against what the construct sets.

import { readFileSync } from "node:fs";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";
import { PROPS } from "../documents/generated-blocks.ts";
import { parseProps } from "../documents/render-props.ts";

const documentedProps = PROPS.filter(
  ({ name }) => name !== "PipelineFunctionProps" && name !== "LocationProps",
).flatMap(({ file, name }) => parseProps(readFileSync(projectPath(file), "utf8"), name));

/** What is no variable, or none where its default holds: the tests of its own part hold these. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  RANGES_ON_NO_MATCH: "error",
  RANGES_SCHEDULE_ENABLED: "true",
  RANGES_CONSUMER_CACHE_MAX_CAPACITY: "64",
  RANGES_MIN_RECORDS_PER_PARTITION: "1",
  RANGES_PROCESSOR_MEMORY_SIZE: "1769",
};

/** The variable of a default that is a value; undefined for one in words. */
function variableOf(prop: string, byDefault: string): { readonly name: string; readonly value: string } | undefined {
  const [text = ""] = byDefault.split(" - ");
  const name = `RANGES_${prop.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  const [, unit, amount] = /^Duration\.(days|minutes)\((\d+)\)$/.exec(text) ?? [];
  if (unit !== undefined) {
    const duration = unit === "days" ? Duration.days(Number(amount)) : Duration.minutes(Number(amount));
    return { name: `${name}_MS`, value: duration.toMilliseconds().toString() };
  }
  const [, word, number] = /^(?:"(\w+)"|([\d_.]+|true|false))$/.exec(text) ?? [];
  const value = word ?? number?.replaceAll("_", "");
  return value === undefined ? undefined : { name, value };
}

test("the defaults that the props document are those that the functions get", () => {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  // With what has defaults of its own once it is on.
  const on = { backpressure: "pid", minRecordsPerBatch: 1 } as const;
  new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...on,
  });
  const functions = Object.values(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
  const set = Object.assign({}, ...functions.map((one) => one["Properties"].Environment?.Variables));

  const documented = documentedProps
    .filter(({ name }) => !(name in on))
    .flatMap(({ name, byDefault = "" }) => variableOf(name, byDefault) ?? []);

  expect(documented.length).toBeGreaterThan(20);
  expect(documented.map((variable) => `${variable.name}=${variable.value}`)).toEqual(
    documented.map((variable) => `${variable.name}=${set[variable.name] ?? ELSEWHERE[variable.name]}`),
  );
});
