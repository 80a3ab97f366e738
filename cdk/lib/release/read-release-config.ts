// Read release config
//
// The props that are fixed for a release, as a file of JSON has them: by the construct's own
// names, durations as ISO 8601 has them. The construct judges their values; here is only
// what JSON cannot hold.

import { readFileSync } from "node:fs";
import { Duration, type Stack } from "aws-cdk-lib";
import { Architecture } from "aws-cdk-lib/aws-lambda";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import { joinProblems, quote, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { ARCHITECTURES } from "../architecture.ts";
import { ArchiveBucket } from "../archive/archive-bucket.ts";
import { isObject } from "../props/prop-rules.ts";
import type { RangePipelineProps } from "../range-pipeline-props.ts";

type ConfigProps = (stack: Stack) => Partial<RangePipelineProps>;

type Converted = { readonly value: unknown } | { readonly problem: string };

type Convert = (name: string, value: unknown) => Converted;

/** What is said elsewhere, and where. */
const ELSEWHERE: Partial<Record<keyof RangePipelineProps, string>> = {
  processorEntry: "give --entry",
  mskCluster: "the parameters BootstrapServers and MskClusterArn say it",
  mskSecurityGroups: "let the security groups of the parameter SecurityGroupIds in, where the brokers' are",
  kafkaParamsSecret: "the parameter KafkaParamsSecretArn says it",
  sasl: "the parameters MskClusterArn, SaslSecretArn and SaslMechanism say it",
  ledger: "the parameter LedgerTableName says it",
  vpc: "the parameters SubnetIds and SecurityGroupIds say it",
  vpcSubnets: "the parameter SubnetIds says it",
  securityGroups: "the parameter SecurityGroupIds says it",
  alarmTopic: "the parameter AlarmTopicArn says it",
};

const duration: Convert = (name, value) => {
  const remedy = `${name} is ${quote(value)}; choose a duration of ISO 8601, as PT30S, PT5M or P30D`;
  if (typeof value !== "string" || !/^P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/.test(value)) {
    return { problem: remedy };
  }
  return { value: Duration.parse(value) };
};

const architecture: Convert = (name, value) => {
  const known = [Architecture.ARM_64, Architecture.X86_64].find((one) => one.name === value);
  return known === undefined
    ? { problem: `${name} is ${quote(value)}; choose ${ARCHITECTURES.join(" or ")}` }
    : { value: known };
};

const location: Convert = (name, value) => {
  if (value === "preferBrokers" || (isObject(value) && "preferBrokers" in value)) {
    return {
      problem: `${name} is preferBrokers, and a template does not know the zones of its subnets; use an app of CDK`,
    };
  }
  if (!isObject(value) || !("variants" in value) || !isObject(value.variants)) {
    return { value };
  }
  const variants = Object.entries(value.variants).map(([variant, props]: [string, unknown]) => {
    const given = isObject(props) ? new Map(Object.entries(props)) : undefined;
    const timeout = given?.get("timeout");
    const converted = timeout === undefined ? undefined : duration(`${name}.variants.${variant}.timeout`, timeout);
    return { variant, props, converted };
  });
  const wrong = variants.flatMap(({ converted = {} }) => ("problem" in converted ? [converted.problem] : []));
  const made = variants.map(({ variant, props, converted }) => [
    variant,
    converted !== undefined && "value" in converted && isObject(props) ? { ...props, timeout: converted.value } : props,
  ]);
  return wrong.length > 0
    ? { problem: joinProblems(wrong) }
    : { value: { ...value, variants: Object.fromEntries(made) } };
};

const CONVERSIONS: Partial<Record<keyof RangePipelineProps, Convert>> = {
  batchInterval: duration,
  maxBatchDelay: duration,
  dispatchTimeout: duration,
  retention: duration,
  processorTimeout: duration,
  maxOpenRangeAge: duration,
  architecture,
  locationStrategy: location,
};

/** Throws ConfigurationError for a file that is no object of JSON, and lists what cannot be fixed by it. */
export function readReleaseConfig(path: string | undefined): ConfigProps {
  return path === undefined ? () => ({}) : readFile(path);
}

function readFile(path: string): ConfigProps {
  const given = readObject(path);
  const converted = Object.entries(given).map(([name, value]) => ({ name, ...convert(name, value) }));
  const problems = converted.flatMap((one) => ("problem" in one ? [one.problem] : []));
  if (problems.length > 0) {
    throw new ConfigurationError(`${quoteName(path)}: ${joinProblems(problems)}`);
  }
  const props = Object.fromEntries(converted.flatMap((one) => ("value" in one ? [[one.name, one.value]] : [])));
  return (stack) => withBuckets(stack, props);
}

function convert(name: string, value: unknown): Converted {
  const prop = name as keyof RangePipelineProps; // Looked up only.
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[prop] : undefined;
  if (elsewhere !== undefined) {
    return { problem: `${name} cannot be fixed: ${elsewhere}` };
  }
  const conversion = Object.hasOwn(CONVERSIONS, name) ? CONVERSIONS[prop] : undefined;
  return conversion?.(name, value) ?? { value };
}

/** A bucket of dead letters, or of an archive, is named by its name. */
function withBuckets(stack: Stack, props: Partial<RangePipelineProps>): Partial<RangePipelineProps> {
  const { deadLetterTarget, manifests }: { readonly [Name in "deadLetterTarget" | "manifests"]?: unknown } = props;
  return {
    ...props,
    ...(hasBucketName(deadLetterTarget)
      ? { deadLetterTarget: { ...deadLetterTarget, bucket: bucketOf(stack, "DeadLetterBucket", deadLetterTarget) } }
      : {}),
    ...(hasBucketName(manifests)
      ? {
          manifests: new ArchiveBucket(stack, "Archive", {
            ...manifests,
            bucket: bucketOf(stack, "ArchiveBucket", manifests),
          }),
        }
      : {}),
  };
}

interface NamedBucket {
  readonly bucket: string;
}

function hasBucketName(value: unknown): value is NamedBucket {
  return isObject(value) && "bucket" in value && typeof value.bucket === "string";
}

function bucketOf(stack: Stack, id: string, { bucket }: NamedBucket): IBucket {
  return Bucket.fromBucketName(stack, id, bucket);
}

function readObject(path: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isObject(value)) {
      return value;
    }
  } catch (cause) {
    throw new ConfigurationError(`${quoteName(path)} cannot be read as JSON: ${String(cause)}`, { cause });
  }
  throw new ConfigurationError(
    `${quoteName(path)} is not an object of JSON; give the pipeline's props, as {"maxAttempts": 3}`,
  );
}
