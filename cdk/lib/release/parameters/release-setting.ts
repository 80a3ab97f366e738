// Release setting
//
// The parameters that stand for one value of a pipeline each, whatever else is chosen. Those
// without a default of their own here have the construct's, read from what it makes.

import { Duration, Fn, Token } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { LEDGER_NAME_RULE } from "../../../../shared/core/ledger/ledger-name.ts";
import { SECURITY_PROTOCOLS } from "../../../../shared/core/source/bootstrap-server.ts";
import { MAX_NAMED_TOPICS } from "../../kafka/kafka-sasl.ts";
import type { RangePipelineProps } from "../../range-pipeline-props.ts";
import type { Place } from "../../template/place-parameters.ts";
import type { TemplateParameter } from "../../template/template-parameter.ts";
import { ref, type TemplateValue } from "../../template/template-value.ts";

export interface ReleaseSetting {
  readonly parameter: TemplateParameter;
  /** Whether it has to be given; otherwise its default is the construct's. */
  readonly isRequired?: true;
  /** The props that it stands for, or that would say the same: a release where one of them is fixed has no such parameter. */
  readonly covers: readonly (keyof RangePipelineProps)[];
  /** What the template is made with in its stead, where the construct's own default would not show every place. */
  readonly props: Partial<RangePipelineProps>;
  readonly places: readonly Place[];
}

const NAME = "named-when-it-is-deployed";
const TIMEOUT_SECONDS = 617;
const OPEN_AGE_SECONDS = 86_413;
/** So many that a role is let into all of the cluster's: how many there will be, no role of a template can tell. */
const TOPICS = Array.from({ length: MAX_NAMED_TOPICS + 1 }, (_, index) => `topic-${index}`);

const SERVER = String.raw`(\w+://)?(\[[\w.%:-]+\]|[\w.%-]+):\d{1,5}`;
const TOPIC = "[a-zA-Z0-9._-]{1,249}";
const listOf = (one: string) => `${one}(,${one})*`;

/** CloudFormation has no arithmetic: thousand times a number is its digits and three noughts. */
export function thousandfold(parameter: string): TemplateValue {
  return { "Fn::Sub": `\${${parameter}}000` };
}

const RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === "number" && days !== RetentionDays.INFINITE,
);

export const RELEASE_SETTINGS: readonly ReleaseSetting[] = [
  {
    parameter: {
      name: "PipelineName",
      group: "Pipeline",
      type: "String",
      description: "The pipeline's place in the ledger. A pipeline of another name starts afresh.",
      allowedPattern: "[A-Za-z0-9._-]{1,64}",
      constraint: `must be ${LEDGER_NAME_RULE}`,
    },
    isRequired: true,
    covers: ["pipelineName"],
    props: { pipelineName: NAME },
    places: [{ text: NAME, by: ref("PipelineName") }],
  },
  {
    parameter: {
      name: "BootstrapServers",
      group: "Kafka",
      type: "String",
      description: "Kafka brokers to ask first, host:port separated by commas.",
      allowedPattern: listOf(SERVER),
      constraint: "must be host:port, or several of them separated by commas without blanks",
    },
    isRequired: true,
    covers: ["bootstrapServers"],
    props: { bootstrapServers: ["broker.invalid:9092"] },
    places: [{ key: "RANGES_BOOTSTRAP_SERVERS", by: ref("BootstrapServers") }],
  },
  {
    parameter: {
      name: "Topics",
      group: "Kafka",
      type: "String",
      description: "Topics to read, separated by commas.",
      allowedPattern: listOf(TOPIC),
      constraint: "must be a topic's name, or several of them separated by commas without blanks",
    },
    isRequired: true,
    covers: ["topics", "topicPattern", "assign", "strategyEntry"],
    props: { topics: TOPICS },
    places: [{ key: "RANGES_TOPICS", by: ref("Topics") }],
  },
  {
    parameter: {
      name: "SecurityProtocol",
      group: "Kafka",
      type: "String",
      description: "Kafka's security.protocol. Of no effect with KafkaParamsSecretArn, where the secret says it.",
      allowedValues: SECURITY_PROTOCOLS,
    },
    covers: ["securityProtocol", "sasl", "kafkaParams"],
    props: {},
    places: [{ key: "RANGES_SECURITY_PROTOCOL", by: ref("SecurityProtocol") }],
  },
  {
    parameter: {
      name: "StartingOffsets",
      group: "Start and pace",
      type: "String",
      description:
        'Where partitions start that exist at the first run: earliest, latest, or by partition as {"orders":{"0":23,"1":-1}}, with -2 for earliest and -1 for latest.',
      allowedPattern: String.raw`earliest|latest|\{.*\}`,
      constraint: "must be earliest, latest, or an object of JSON by topic and partition",
    },
    covers: ["startingOffsets", "startingTimestamp", "startingOffsetsByTimestamp"],
    props: {},
    places: [{ key: "RANGES_STARTING_OFFSETS", by: ref("StartingOffsets") }],
  },
  {
    parameter: {
      name: "MaxRecordsPerPartition",
      group: "Start and pace",
      type: "Number",
      description: "The longest range that is planned of a partition, in offsets.",
      minValue: 1,
      constraint: "must be a whole number of at least 1",
    },
    covers: ["maxRecordsPerPartition"],
    props: {},
    places: [{ key: "RANGES_MAX_RECORDS_PER_PARTITION", by: ref("MaxRecordsPerPartition") }],
  },
  {
    parameter: {
      name: "InitialRecordsPerPartition",
      group: "Start and pace",
      type: "Number",
      description: "The longest first range of a partition, before anything is known of its pace, in offsets.",
      minValue: 1,
      constraint: "must be a whole number of at least 1",
    },
    covers: ["initialRecordsPerPartition"],
    props: {},
    places: [{ key: "RANGES_INITIAL_RECORDS_PER_PARTITION", by: ref("InitialRecordsPerPartition") }],
  },
  {
    parameter: {
      name: "ProcessorTimeoutSeconds",
      group: "Functions",
      type: "Number",
      description:
        "Time-out of the processor function, which is also the longest that a crashed attempt blocks its partition.",
      minValue: 10,
      maxValue: 900,
      constraint: "must be a whole number from 10 to 900",
    },
    covers: ["processorTimeout"],
    props: { processorTimeout: Duration.seconds(TIMEOUT_SECONDS) },
    places: [
      { exactly: TIMEOUT_SECONDS, by: ref("ProcessorTimeoutSeconds") },
      { exactly: `${TIMEOUT_SECONDS}000`, by: thousandfold("ProcessorTimeoutSeconds") },
    ],
  },
  {
    parameter: {
      name: "ProcessorMemorySize",
      group: "Functions",
      type: "Number",
      description: "Memory of the processor function in MiB; 1769 have one vCPU.",
      minValue: 128,
      maxValue: 10_240,
      constraint: "must be a whole number from 128 to 10240",
    },
    covers: ["processorMemorySize"],
    props: { processorMemorySize: Token.asNumber(Fn.ref("ProcessorMemorySize")) },
    places: [],
  },
  {
    parameter: {
      name: "LogRetentionDays",
      group: "Functions",
      type: "Number",
      description: "How long CloudWatch keeps both functions' logs, in days.",
      allowedValues: RETENTION_DAYS,
    },
    covers: ["logRetention"],
    props: {},
    places: [{ key: "RetentionInDays", by: ref("LogRetentionDays") }],
  },
  {
    parameter: {
      name: "MaxOpenRangeAgeSeconds",
      group: "Alarms",
      type: "Number",
      description:
        "How old an open range may get before an alarm tells. With another ProcessorTimeoutSeconds: three times that and the dispatch time-out (two minutes) together, at least 900.",
      minValue: 1,
      constraint: "must be a whole number of at least 1",
    },
    covers: ["maxOpenRangeAge"],
    props: { maxOpenRangeAge: Duration.seconds(OPEN_AGE_SECONDS) },
    places: [{ exactly: OPEN_AGE_SECONDS * 1_000, by: thousandfold("MaxOpenRangeAgeSeconds") }],
  },
];
