// The commands that ask Kafka alone: read, plan.

import { Command, Option } from "commander";
import { DESERIALIZER_NAMES } from "../decoding/decoding-settings.ts";
import { parseName } from "../options/option-values.ts";
import { addKafkaOptions, addSourceOptions } from "../options/options.ts";
import type { PlanArguments } from "../run/plan.ts";
import type { ReadArguments } from "../run/read.ts";
import type { Choose } from "./action.ts";
import { addPlanOptions } from "./plan-options.ts";

export function readCommand(choose: Choose): Command {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  return addKafkaOptions(new Command("read"), { isRequired: true })
    .description("Print the records of exact ranges as JSON lines, and a JSON summary on standard error.")
    .requiredOption("--range <topic:partition:from:until>", "from inclusive, until exclusive; repeatable", collect)
    .option("--require-consecutive-offsets", "an offset without a visible record is data loss, as in Spark's default")
    .option(
      "--rack-id <rack>",
      "where this runs, as broker.rack names it: a replica there may be read instead of the leader",
      parseName("--rack-id"),
    )
    .addOption(
      new Option(
        "--key-deserializer <name>",
        "print keys decoded; without it, as --command-config has it, or as bytes",
      ).choices(DESERIALIZER_NAMES),
    )
    .addOption(
      new Option(
        "--value-deserializer <name>",
        "print values decoded; without it, as --command-config has it, or as bytes",
      ).choices(DESERIALIZER_NAMES),
    )
    .option(
      "--schema-registry-url <url,...>",
      "of a registry with Confluent's API, for avro, protobuf and json-schema; its user and its TLS stand in --command-config",
      parseName("--schema-registry-url"),
    )
    .addOption(
      new Option("--glue-region <region>", "of AWS Glue's schema registry, which is asked instead")
        .argParser(parseName("--glue-region"))
        .conflicts("schemaRegistryUrl"),
    )
    .action((options: ReadArguments) =>
      choose(async (terminal) => (await import("../run/read.ts")).runRead(options, terminal)),
    );
}

export function planCommand(choose: Choose): Command {
  return addPlanOptions(addSourceOptions(addKafkaOptions(new Command("plan"), { isRequired: true })))
    .description("Print the ranges that a choice of offsets comes to, as JSON. Writes nothing.")
    .action((options: PlanArguments) =>
      choose(async (terminal) => (await import("../run/plan.ts")).runPlan(options, terminal)),
    );
}
