// The commands of a developer's own machine: init, dev.

import { Command, Option } from "commander";
import { DEFAULT_TEMPLATE, TEMPLATE_NAMES, type TemplateName } from "../init/project-template.ts";
import {
  parseContext,
  parseCount,
  parseEndpointUrl,
  parseFile,
  parseName,
  parseServers,
} from "../options/option-values.ts";
import type { DevArguments } from "../run/dev.ts";
import type { Choose } from "./action.ts";

/** A run of weeks. */
const MOST = { max: 1_000_000 };
/** More than a small broker is quick with. */
const MAX_PARTITIONS = 1_000;

export function initCommand(choose: Choose): Command {
  return new Command("init")
    .description("Write a small project: a CDK app with one pipeline, the pipeline's code, and a test of it.")
    .argument("<folder>", "new or empty; its name becomes the project's")
    .addOption(
      new Option("--template <store>", "where the pipeline's outputs go")
        .choices(TEMPLATE_NAMES)
        .default(DEFAULT_TEMPLATE),
    )
    .action((folder: string, { template }: { readonly template: TemplateName }) =>
      choose(async (terminal) => (await import("../run/init.ts")).runInit({ folder, template }, terminal)),
    );
}

export function devCommand(choose: Choose): Command {
  return new Command("dev")
    .description(
      "Run the pipelines of the CDK app in this folder on a local Kafka and AWS endpoint, and again at each save.",
    )
    .option("--app <command>", "synthesizes the app, instead of the command in cdk.json", parseName("--app"))
    .option("-c, --context <name=value>", "what the app reads as context; repeatable", parseContext, {})
    .option("--produce <file>", "append the file's lines to the topic, once, as records", parseFile("--produce"))
    .addOption(
      new Option("--produce-as <what>", "what the lines are: values as they stand, or JSON records")
        .choices(["text", "records"])
        .default("text"),
    )
    .option(
      "--topic <name>",
      "where --produce goes, if the pipelines read several; created if it is missing",
      parseName("--topic"),
    )
    .option(
      "--create-topic <name>",
      "create this topic too, where it is missing: one that a pipeline writes to; repeatable",
      collectTopics,
    )
    .option("--partitions <n>", "of a topic that is created", parseCount("--partitions", { max: MAX_PARTITIONS }), 3)
    .option("--interval-seconds <n>", "time between scheduler runs", parseCount("--interval-seconds", MOST), 2)
    .option(
      "--batches <n>",
      "end after so many scheduler runs, with the ledger's verdict",
      parseCount("--batches", MOST),
    )
    .option("--fresh", "forget what earlier runs have left in .ranges")
    .option("--bootstrap-servers <host:port,...>", "use this Kafka instead of starting one", parseServers)
    .option(
      "--aws-endpoint <url>",
      "use this LocalStack-compatible endpoint instead of starting MiniStack",
      parseEndpointUrl("--aws-endpoint"),
    )
    .action((options: DevArguments) =>
      choose(async (terminal) => (await import("../run/dev.ts")).runDevCommand(options, terminal)),
    );
}

const parseTopic = parseName("--create-topic");

function collectTopics(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, parseTopic(text)];
}
