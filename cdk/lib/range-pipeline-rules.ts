// Range pipeline rules
//
// What a pipeline's props have to be. What the functions are told as it is, is held to
// its bounds by the schema of their environment, and only named here.

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { Duration } from "aws-cdk-lib";
import type { SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { cutText, listNames, quoteName } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { ENVIRONMENT_PREFIX } from "../../shared/wire/environment/environment-variables.ts";
import { ARCHITECTURES } from "./architecture.ts";
import { kafkaRules } from "./kafka/kafka-rules.ts";
import { deadLetterRule } from "./letters/dead-letter-target.ts";
import { locationRules } from "./location/location-rules.ts";
import { LOG_LEVELS } from "./logs/log-volume.ts";
import {
  all,
  duration,
  flag,
  hasMethod,
  isObject,
  known,
  listOf,
  nested,
  type PropRule,
  type PropRules,
  required,
  such,
  text,
  timeout,
  whole,
} from "./props/prop-rules.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import { readStartingOffsets, readStartingTimestamp, readStartingTimestamps } from "./starting-config.ts";

/** An alarm's period is a day at most. */
const MAX_INTERVAL = Duration.days(1);

const MAX_PATH_LENGTH = 320;

/** The file that is bundled; a relative path is taken from where the app runs. */
const entry: PropRule = all(text, (value, name) => {
  const path = resolve(String(value));
  const problem = entryProblem(path);
  return problem === undefined
    ? []
    : [
        `${name} is ${quoteName(String(value))}, and ${cutText(path, MAX_PATH_LENGTH)} ${problem}; name the file that exports the handler`,
      ];
});

function entryProblem(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    return "does not exist";
  }
  return found.isFile() && /\.[cm]?[jt]sx?$/.test(path) ? undefined : "is no file of TypeScript or JavaScript";
}

/** By its name: it may be of another copy of CDK. */
function isArchitecture(value: unknown): boolean {
  return isObject(value) && ARCHITECTURES.some((name) => name === Reflect.get(value, "name"));
}

const variables: PropRule = all(such("an object of names and texts", isObject), (value, name) => {
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  const own = entries.map(([variable]) => variable).filter((variable) => variable.startsWith(ENVIRONMENT_PREFIX));
  return [
    ...entries.flatMap(([variable, one]) => text(one, `${name}.${variable}`)),
    // The function refuses variables of this prefix that it does not know, and its own are told by props.
    ...(own.length > 0
      ? [`${name} has ${listNames(own)}; choose other names: ${ENVIRONMENT_PREFIX}* is what the props say`]
      : []),
  ];
});

const interval: PropRule = all(duration, (value, name) => {
  const given = value as Duration;
  const ms = given.toMilliseconds();
  return ms % 60_000 !== 0 || ms === 0 || ms > MAX_INTERVAL.toMilliseconds()
    ? [`${name} is ${given.toHumanString()}; choose whole minutes, which EventBridge schedules, up to a day`]
    : [];
});

/** What the reader of a starting prop says; it throws ConfigurationError. */
function readable<Value>(read: (value: Value) => unknown): PropRule {
  return (value) => {
    try {
      read(value as Value);
      return [];
    } catch (error) {
      if (error instanceof ConfigurationError) {
        return [error.message];
      }
      throw error;
    }
  };
}

const partition = nested<NonNullable<RangePipelineProps["assign"]>[number]>({
  topic: required(known),
  partition: required(known),
});

const subnets = nested<SubnetSelection>({
  availabilityZones: known,
  onePerAz: known,
  subnetFilters: known,
  subnetGroupName: known,
  subnets: known,
  subnetType: known,
});

export const rangePipelineRules: PropRules<RangePipelineProps> = {
  ...kafkaRules,
  ...locationRules,
  processorEntry: required(entry),
  topics: listOf(text),
  topicPattern: known,
  assign: listOf(partition),
  strategyEntry: entry,
  pipelineName: known,
  startingOffsets: readable(readStartingOffsets),
  startingTimestamp: readable(readStartingTimestamp),
  startingOffsetsByTimestamp: readable(readStartingTimestamps),
  onNoMatch: known,
  requireConsecutiveOffsets: known,
  batchInterval: interval,
  scheduleEnabled: flag,
  adaptiveSize: flag,
  initialRecordsPerPartition: whole,
  maxRecordsPerPartition: whole,
  minRecordsPerPartition: whole,
  maxRecordsPerBatch: whole,
  minRecordsPerBatch: whole,
  maxBatchDelay: duration,
  ordered: flag,
  maxRecordsPerRange: whole,
  minPartitions: known,
  backpressure: known,
  pidProportional: known,
  pidIntegral: known,
  pidDerived: known,
  pidMinRate: known,
  maxAttempts: known,
  maxOutageAttempts: known,
  onFailure: known,
  maxQuarantinedPerRange: known,
  deadLetterTarget: deadLetterRule,
  onDataLoss: known,
  onTopicRecreated: known,
  dispatchTimeout: duration,
  dispatchesPerSecond: known,
  commitGroupId: known,
  maxConcurrency: known,
  schedulerReservedConcurrency: whole,
  retention: duration,
  manifests: such("an ArchiveBucket", (value) => hasMethod(value, "grantManifests")),
  ledger: such("a LedgerTable, or what LedgerTable.fromTableName gives", (value) => hasMethod(value, "grantLedger")),
  processorEnvironment: variables,
  schedulerEnvironment: variables,
  processorTimeout: timeout,
  processorMemorySize: whole,
  architecture: such("Architecture.ARM_64 or Architecture.X86_64", isArchitecture),
  vpc: such("a Vpc", isObject),
  vpcSubnets: subnets,
  securityGroups: listOf(such("a SecurityGroup", isObject)),
  logLevel: such("DEBUG, INFO, WARN or ERROR", (value) => LOG_LEVELS.some((level) => level === String(value))),
  logRetention: such("one of RetentionDays", Number.isSafeInteger),
  maxOpenRangeAge: duration,
  alarmTopic: such("a Topic", isObject),
};
