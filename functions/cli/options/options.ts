// Options that several commands share, and what they make of them.

import { type Command, Option } from "commander";
import { listNames, quote, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { TOPIC_PATTERN_RULE, topicPatternProblem } from "../../../shared/core/pattern/topic-pattern.ts";
import { isTopicName, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { IsolationLevel, SourceSelection } from "../../../shared/core/source/offset-source.ts";
import { createDynamoDBClient, REMOTE } from "../../../shared/dynamodb/client.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { parseTopicPartitionArgument } from "../../../shared/wire/offsets/range-argument.ts";
import { readAssign } from "../../../shared/wire/offsets/spark-assign.ts";
import { certificatesOf } from "../kafka-settings/tls-settings.ts";
import { withAwsAccess } from "./aws-access.ts";
import { type CommandConfig, readCommandConfig } from "./command-config.ts";
import { parseEndpointUrl, parseFile, parseName, parseServers, splitList } from "./option-values.ts";

export interface ConnectionArguments {
  readonly bootstrapServers?: readonly string[];
  readonly securityProtocol: "PLAINTEXT" | "SSL";
  readonly sslCa?: string;
  readonly commandConfig?: string;
}

export interface KafkaArguments extends ConnectionArguments {
  readonly isolationLevel: IsolationLevel;
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

export function addKafkaOptions(command: Command, options: { readonly isRequired: boolean }): Command {
  return addConnectionOptions(command, options).addOption(
    new Option("--isolation-level <level>", "which records are visible")
      .choices(["read_committed", "read_uncommitted"])
      .default("read_committed"),
  );
}

export function addConnectionOptions(command: Command, { isRequired }: { readonly isRequired: boolean }): Command {
  const servers = new Option("--bootstrap-servers <host:port,...>", "Kafka brokers to ask first").argParser(
    parseServers,
  );
  return command
    .addOption(isRequired ? servers.makeOptionMandatory() : servers)
    .addOption(
      new Option("--security-protocol <name>", "how to connect").choices(["PLAINTEXT", "SSL"]).default("PLAINTEXT"),
    )
    .option("--ssl-ca <file>", "PEM file of the certificate authority, with SSL", parseFile("--ssl-ca"))
    .addOption(
      new Option(
        "--command-config <file>",
        "Kafka's client properties: security.protocol, sasl.*, ssl.*, client.id, client.rack",
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

/** Throws ConfigurationError for what cannot be connected with. `note` is told what a file says and is not used. */
export function kafkaOptionsOf(
  options: ConnectionArguments & Partial<Pick<KafkaArguments, "isolationLevel">>,
  note: (line: string) => void,
): KafkaOptions & Pick<CommandConfig, "rackId"> {
  const { bootstrapServers, securityProtocol, sslCa, commandConfig } = options;
  if (sslCa !== undefined && securityProtocol !== "SSL") {
    throw new ConfigurationError(
      `--ssl-ca ${quoteName(sslCa)} is for TLS, and --security-protocol is ${securityProtocol}: add --security-protocol SSL, or leave --ssl-ca out`,
    );
  }
  const ssl = sslCa === undefined ? true : { ca: certificatesOf("--ssl-ca", sslCa) };
  const context = { note, bootstrapServers: bootstrapServers ?? [], ...isolationOf(options) };
  return {
    clientId: "ranges",
    bootstrapServers: bootstrapServers ?? [],
    ...(securityProtocol === "SSL" ? { ssl } : {}),
    ...(commandConfig === undefined ? {} : readCommandConfig(commandConfig, context)),
  };
}

/** Only of the pipeline that is named, where one is. */
export function ledgerOf({ table, pipeline, endpointUrl }: LedgerArguments): RangeLedger<never> {
  const client = createDynamoDBClient(endpointUrl === undefined ? {} : { endpoint: endpointUrl }, REMOTE);
  return createDynamoDBRangeLedger(withAwsAccess(client), {
    tableName: table,
    pipeline,
    newId: () => crypto.randomUUID(),
  });
}

/** Throws ConfigurationError unless exactly one way to choose topics is given, and not empty. */
export function selectionOf({ topics, topicPattern, assign }: SourceArguments): SourceSelection {
  if ([topics, topicPattern, assign].filter((value) => value !== undefined).length !== 1) {
    throw new ConfigurationError("give exactly one of --topics, --topic-pattern and --assign");
  }
  if (topicPattern !== undefined) {
    return { topicPattern: requirePattern(topicPattern) };
  }
  return topics === undefined ? { assign: parseAssignOption(assign ?? "") } : { topics: parseTopics(topics) };
}

/** `a:0,a:1`, or Spark's JSON. Throws ConfigurationError that names the wrong part. */
export function parseAssignOption(text: string): readonly TopicPartition[] {
  return /^\s*[{[]/.test(text)
    ? readAssign("--assign", text)
    : splitList("--assign", text).map((one) => parseTopicPartitionArgument("--assign", one));
}

function parseTopics(text: string): readonly string[] {
  const topics = splitList("--topics", text);
  const illegal = topics.filter((topic) => !isTopicName(topic));
  if (illegal.length > 0) {
    throw new ConfigurationError(
      `--topics has ${listNames(illegal.map((topic) => quote(topic)))}: expected legal Kafka topic names, up to 249 letters, digits, dots, hyphens or underscores each`,
    );
  }
  return topics;
}

function requirePattern(pattern: string): string {
  if (pattern.trim() === "") {
    throw new ConfigurationError(
      `--topic-pattern ${quote(pattern)} is empty; give ${TOPIC_PATTERN_RULE}, as orders-.*`,
    );
  }
  const problem = topicPatternProblem(pattern);
  if (problem !== undefined) {
    throw new ConfigurationError(`--topic-pattern ${quoteName(pattern)} is not ${TOPIC_PATTERN_RULE}: ${problem}`);
  }
  return pattern;
}

function isolationOf({ isolationLevel }: Partial<Pick<KafkaArguments, "isolationLevel">>) {
  return omitUndefined({ isolationLevel });
}
