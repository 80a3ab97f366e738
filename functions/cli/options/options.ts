// Options that several commands share; what is made of them stands in the files beside this one.

import { type Command, Option } from "commander";
import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import { parseEndpointUrl, parseFile, parseName, parseServers } from "./option-values.ts";

export interface ConnectionArguments {
  readonly bootstrapServers?: readonly string[];
  readonly securityProtocol: "PLAINTEXT" | "SSL";
  readonly sslCa?: string;
  readonly commandConfig?: string;
}

export interface KafkaArguments extends ConnectionArguments {
  /** @default that of the file, or read_committed */
  readonly isolationLevel?: IsolationLevel;
  /** Only where a range is read. */
  readonly requireConsecutiveOffsets?: true;
  /** Only where a range is read. */
  readonly rackId?: string;
}

export interface LedgerArguments {
  readonly table: string;
  readonly pipeline?: string;
  readonly endpointUrl?: string;
  readonly json?: true;
}

export interface SourceArguments {
  readonly topics?: string;
  readonly topicPattern?: string;
  readonly assign?: string;
}

/** Whether brokers are named, or a file that may name them. */
export function namesKafka({ bootstrapServers, commandConfig }: ConnectionArguments): boolean {
  return bootstrapServers !== undefined || commandConfig !== undefined;
}

export function addKafkaOptions(command: Command, options: { readonly isRequired: boolean }): Command {
  return addConnectionOptions(command, options).addOption(
    new Option(
      "--isolation-level <level>",
      "which records are visible; without it, as --command-config has it, or read_committed",
    ).choices(["read_committed", "read_uncommitted"]),
  );
}

export function addConnectionOptions(command: Command, { isRequired }: { readonly isRequired: boolean }): Command {
  const otherwise = isRequired ? "; required, unless --command-config has bootstrap.servers" : "";
  return command
    .option("--bootstrap-servers <host:port,...>", `Kafka brokers to ask first${otherwise}`, parseServers)
    .addOption(
      new Option("--security-protocol <name>", "how to connect").choices(["PLAINTEXT", "SSL"]).default("PLAINTEXT"),
    )
    .option("--ssl-ca <file>", "PEM file of the certificate authority, with SSL", parseFile("--ssl-ca"))
    .addOption(
      new Option(
        "--command-config <file>",
        "Kafka's client properties, as consumers, Spark, Spring or Connect have them",
      )
        .argParser(parseFile("--command-config"))
        .conflicts(["securityProtocol", "sslCa"]),
    );
}

export function addLedgerOptions(command: Command): Command {
  return command
    .requiredOption("--table <name>", "the ledger's DynamoDB table", parseName("--table"))
    .option("--pipeline <name>", "only this pipeline", parseName("--pipeline"))
    .option("--endpoint-url <url>", "DynamoDB endpoint, instead of AWS's own", parseEndpointUrl("--endpoint-url"))
    .option("--json", "print JSON");
}

export function addSourceOptions(command: Command): Command {
  return command
    .option("--topics <a,b>", "topics to read")
    .option("--topic-pattern <regex>", "regular expression that a whole topic name must match")
    .option("--assign <topic:partition,...>", "partitions to read, or Spark's JSON");
}
