import { rmSync } from "node:fs";
import { App, Duration, Stack } from "aws-cdk-lib";
import { type IVpc, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Topic } from "aws-cdk-lib/aws-sns";
import recommendedFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { beforeAll, describe, expect, test } from "vitest";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { INTERVALS } from "../../../cdk/lib/release/parameters/release-interval.ts";
import { releaseTemplate } from "../../../cdk/lib/release/release-template.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import {
  isList,
  isTemplateObject,
  type TemplateObject,
  type TemplateValue,
  textOf,
} from "../../../cdk/lib/template/template-value.ts";
import { evaluateTemplate, isAccepted, type ParameterValues } from "../../support/release/evaluate-template.ts";

const processorEntry = projectPath("functions/pipelines/word-count.ts");
const CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/11111111-2222-3333-4444-555555555555-1";
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_orders-AbCdEf";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";
const SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
const GROUPS = ["sg-0123456789abcdef0", "sg-0123456789abcdef1"];
const POLICY = "arn:aws:iam::123456789012:policy/orders";
/** More than are granted by their names: a template cannot know how many there will be. */
const MANY = Array.from({ length: 21 }, (_, index) => `orders-${index}`);
const REQUIRED = {
  CodeBucket: "code",
  PipelineName: "orders",
  BootstrapServers: "b-1.example:9092",
  Topics: MANY.join(),
};

interface Own {
  readonly props?: (stack: Stack) => Partial<RangePipelineProps>;
  readonly extend?: (pipeline: RangePipeline) => void;
}

/** What the construct itself makes of the same values. */
function constructed({ props = () => ({}), extend = () => undefined }: Own): TemplateObject {
  const context = { ...recommendedFlags, "aws:cdk:bundling-stacks": [] };
  const app = new App({ context, builtinCloudFormationValidation: false });
  const stack = new Stack(app, "Own");
  const own = { processorEntry, pipelineName: "orders", bootstrapServers: ["b-1.example:9092"], topics: MANY };
  extend(new RangePipeline(stack, "Ranges", { ...own, ...props(stack) }));
  const { Rules: _ofBootstrapping, Parameters: _version, ...template } = app.synth().getStackByName("Own").template;
  return template;
}

function withoutCode({ Resources, Outputs }: ReturnType<typeof evaluateTemplate>) {
  const entries = Object.entries(Resources as Readonly<Record<string, TemplateObject>>).map(([id, resource]) => {
    const { Code: _code, ...properties } = resource["Properties"] as TemplateObject;
    return [id, resource["Type"] === "AWS::Lambda::Function" ? { ...resource, Properties: properties } : resource];
  });
  return { Outputs, Resources: unordered(Object.fromEntries(entries)) };
}

/** A policy's statements mean the same in whichever order. */
function unordered(value: TemplateValue): TemplateValue {
  if (isList(value)) {
    return value.map(unordered);
  }
  if (!isTemplateObject(value)) {
    return value;
  }
  const members = Object.entries(value).map(([key, one]) => {
    const inner = unordered(one);
    return [key, key === "Statement" && isList(inner) ? inner.toSorted(byText) : inner] as const;
  });
  return Object.fromEntries(members);
}

function byText(one: TemplateValue, other: TemplateValue): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}

function templateOf(props: Partial<RangePipelineProps> = {}, variables: readonly { readonly name: string }[] = []) {
  const { template, folder } = releaseTemplate({ props: () => ({ processorEntry, ...props }), variables }, false);
  rmSync(folder, { recursive: true });
  return template;
}

function inVpc(stack: Stack): Partial<RangePipelineProps> {
  return {
    vpc: Vpc.fromVpcAttributes(stack, "Vpc", {
      vpcId: "vpc-1",
      availabilityZones: ["a", "b"],
      privateSubnetIds: SUBNETS,
      privateSubnetRouteTableIds: ["rtb-1", "rtb-2"],
    }) as IVpc,
    securityGroups: GROUPS.map((id) => SecurityGroup.fromSecurityGroupId(stack, id, id)),
  };
}

const kept = (stack: Stack) => ({ ledger: LedgerTable.fromTableName(stack, "Kept", "ranges") });
const secretOf = (stack: Stack) => Secret.fromSecretCompleteArn(stack, "Secret", SECRET);
const keyOf = (stack: Stack) => Key.fromKeyArn(stack, "Key", KEY);
const withPolicy = ({ processorFunction: { role } }: RangePipeline) =>
  role?.addManagedPolicy(ManagedPolicy.fromManagedPolicyArn(role, "Policy", POLICY));

const values: ParameterValues = {
  SecurityProtocol: "SSL",
  StartingOffsets: '{"orders-1":{"0":23,"1":-1}}',
  MaxRecordsPerPartition: 2_000,
  InitialRecordsPerPartition: 77,
  ProcessorTimeoutSeconds: 45,
  ProcessorMemorySize: 512,
  LogRetentionDays: 7,
  MaxOpenRangeAgeSeconds: 1_234,
};
const asProps: Partial<RangePipelineProps> = {
  securityProtocol: "SSL",
  startingOffsets: { "orders-1": { 0: 23, 1: -1 } },
  maxRecordsPerPartition: 2_000,
  initialRecordsPerPartition: 77,
  processorTimeout: Duration.seconds(45),
  processorMemorySize: 512,
  logRetention: RetentionDays.ONE_WEEK,
  maxOpenRangeAge: Duration.seconds(1_234),
};

const CASES: readonly (readonly [what: string, parameters: ParameterValues, own: Own])[] = [
  ["nothing but what has to be said", {}, {}],
  ["every value", values, { props: () => asProps }],
  ["subnets", { SubnetIds: SUBNETS.join(), SecurityGroupIds: GROUPS.join() }, { props: inVpc }],
  ["a ledger that exists", { LedgerTableName: "ranges" }, { props: kept }],
  [
    "a start by time",
    { StartingTimestamp: "1700000000000" },
    { props: () => ({ startingTimestamp: 1_700_000_000_000 }) },
  ],
  ["a limit of batches", { MaxRecordsPerBatch: 5 }, { props: () => ({ maxRecordsPerBatch: 5 }) }],
  ["a limit of concurrency", { MaxConcurrency: 7 }, { props: () => ({ maxConcurrency: 7 }) }],
  ["no schedule", { ScheduleState: "DISABLED" }, { props: () => ({ scheduleEnabled: false }) }],
  ["alarms", { AlarmTopicArn: TOPIC }, { props: (stack) => ({ alarmTopic: Topic.fromTopicArn(stack, "T", TOPIC) }) }],
  ["rights of the code", { ProcessorPolicyArn: POLICY }, { extend: withPolicy }],
  ...(["DEBUG", "WARN", "ERROR"] as const).map(
    (logLevel) => [`logs at ${logLevel}`, { LogLevel: logLevel }, { props: () => ({ logLevel }) }] as const,
  ),
  ...INTERVALS.map(
    (minutes) =>
      [
        `${minutes} minutes`,
        { BatchIntervalMinutes: minutes },
        { props: () => ({ batchInterval: Duration.minutes(minutes) }) },
      ] as const,
  ),
  [
    "roles at MSK",
    { MskClusterArn: CLUSTER, SecurityProtocol: "SASL_SSL" },
    { props: () => ({ sasl: { mechanism: "AWS_MSK_IAM", clusterArn: CLUSTER } }) },
  ],
  [
    "a password",
    { SaslSecretArn: SECRET, SaslMechanism: "PLAIN", SecurityProtocol: "SASL_PLAINTEXT" },
    {
      props: (stack) => ({
        securityProtocol: "SASL_PLAINTEXT",
        sasl: { mechanism: "PLAIN", secret: secretOf(stack) },
      }),
    },
  ],
  [
    "a whole configuration in a secret",
    { KafkaParamsSecretArn: SECRET },
    { props: (stack) => ({ kafkaParamsSecret: secretOf(stack) }) },
  ],
  [
    "the same with a key",
    { KafkaParamsSecretArn: SECRET, SecretKeyArn: KEY },
    {
      props: (stack) => ({
        kafkaParamsSecret: Secret.fromSecretAttributes(stack, "Secret", {
          secretCompleteArn: SECRET,
          encryptionKey: keyOf(stack),
        }),
      }),
    },
  ],
  [
    "all of it at once",
    {
      ...values,
      ...{ SubnetIds: SUBNETS.join(), SecurityGroupIds: GROUPS.join(), LedgerTableName: "ranges" },
      ...{ StartingTimestamp: "5", MaxRecordsPerBatch: 9, MaxConcurrency: 20, ScheduleState: "DISABLED" },
      ...{ AlarmTopicArn: TOPIC, ProcessorPolicyArn: POLICY, LogLevel: "WARN", BatchIntervalMinutes: 15 },
      ...{ SaslSecretArn: SECRET, SecretKeyArn: KEY, SecurityProtocol: "SASL_SSL" },
    },
    {
      props: (stack) => ({
        ...asProps,
        ...inVpc(stack),
        ...kept(stack),
        ...{ startingTimestamp: 5, maxRecordsPerBatch: 9, maxConcurrency: 20, scheduleEnabled: false },
        ...{ alarmTopic: Topic.fromTopicArn(stack, "T", TOPIC), logLevel: "WARN", batchInterval: Duration.minutes(15) },
        securityProtocol: "SASL_SSL",
        sasl: { mechanism: "SCRAM-SHA-512", secret: secretOf(stack), encryptionKey: keyOf(stack) },
      }),
      extend: withPolicy,
    },
  ],
];

let template: TemplateObject;

beforeAll(() => {
  template = templateOf();
});

test.each(CASES)(
  "LT1: what the template comes to is what the construct makes of the same: %s",
  (_, parameters, own) => {
    const evaluated = evaluateTemplate(template, { ...REQUIRED, ...parameters });

    expect(withoutCode(evaluated)).toEqual(withoutCode(evaluateTemplate(constructed(own))));
  },
);

test("LT2: it asks for nothing of CDK's", () => {
  const text = JSON.stringify(template);

  expect(text).not.toMatch(/cdk-|aws:asset|Bootstrap(?!_?Servers)|Custom::|\$\{Token|named-later|invalid/i);
  expect(Object.keys(template)).toEqual([
    "AWSTemplateFormatVersion",
    "Description",
    "Parameters",
    "Metadata",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
  ]);
});

describe("its names", () => {
  const section = (name: string) => template[name] as TemplateObject;
  const used = (of: TemplateValue, key: string) =>
    found(of).flatMap(([name, value]) => (name === key && typeof value === "string" ? [value] : []));

  test("each parameter has a place, and each place its parameter", () => {
    const pseudo = (name: string) => name.startsWith("AWS::");
    const { Resources, Outputs, Conditions } = template;
    const whole = [Resources ?? {}, Outputs ?? {}, Conditions ?? {}];
    const within = found(whole).flatMap(([name, value]) =>
      name === "Fn::Sub" ? [...textOf(value).matchAll(/\$\{(\w+)\}/g)].map(([, parameter = ""]) => parameter) : [],
    );
    const names = new Set([...used(whole, "Ref"), ...within].filter((name) => !pseudo(name)));

    const resources = section("Resources");

    expect(new Set([...names].filter((name) => !(name in resources)))).toEqual(
      new Set(Object.keys(section("Parameters"))),
    );
    expect(used(section("Rules"), "Ref").filter((name) => !(name in section("Parameters")))).toEqual([]);
  });

  test("each condition is declared, and asked for", () => {
    const asked = found(template).flatMap(([name, value]) => {
      const condition = name === "Fn::If" && Array.isArray(value) ? value[0] : value;
      return (name === "Fn::If" || name === "Condition") && typeof condition === "string" ? [condition] : [];
    });

    expect([...new Set(asked)].toSorted()).toEqual(Object.keys(section("Conditions")).toSorted());
  });

  test("the console shows each parameter once, with what it is and what it must be", () => {
    const { ParameterGroups } = section("Metadata")["AWS::CloudFormation::Interface"] as unknown as {
      readonly ParameterGroups: readonly { readonly Parameters: readonly string[] }[];
    };
    const parameters = Object.entries(section("Parameters") as Readonly<Record<string, TemplateObject>>);

    expect(ParameterGroups.flatMap((group) => group.Parameters).toSorted()).toEqual(
      parameters.map(([name]) => name).toSorted(),
    );
    for (const [name, parameter] of parameters) {
      expect(parameter["Description"], name).toMatch(/^[A-Z].{15,400}\.$/s);
      expect("AllowedValues" in parameter || "ConstraintDescription" in parameter, name).toBe(true);
      expect(parameter["Default"] === undefined || isAccepted(parameter, textOf(parameter["Default"])), name).toBe(
        true,
      );
    }
  });
});

/** Every key at whatever depth, with its value. */
function found(value: TemplateValue): readonly (readonly [key: string, value: TemplateValue])[] {
  if (Array.isArray(value)) {
    return value.flatMap(found);
  }
  return isTemplateObject(value)
    ? Object.entries(value).flatMap(([key, one]) => [[key, one] as const, ...found(one)])
    : [];
}

test.each([
  ["PipelineName", "orders/eu", "must be 1 to 64 letters, digits, dots, hyphens or underscores"],
  ["BootstrapServers", "b-1.example", "must be host:port"],
  ["Topics", "orders, refunds", "must be a topic's name"],
  ["StartingOffsets", "first", "must be earliest, latest, or an object of JSON"],
  ["SubnetIds", "vpc-1", "must be empty, or ids of subnets"],
  ["MskClusterArn", "orders", "must be empty, or the ARN of a cluster of Amazon MSK"],
  [
    "SaslSecretArn",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a",
    "must be empty, or the whole ARN of a secret",
  ],
  ["CodePrefix", "releases", "must be empty, or end with a slash"],
  ["ProcessorTimeoutSeconds", "901", "must be a whole number from 10 to 900"],
  ["BatchIntervalMinutes", "7", "is none of its values"],
])("a value that cannot be is refused: %s %s", (name, value, what) => {
  expect(() => evaluateTemplate(template, { ...REQUIRED, [name]: value })).toThrow(`${name} ${what}`);
});

test.each<readonly [ParameterValues, string]>([
  [{ SubnetIds: "subnet-0a" }, "SubnetIds and SecurityGroupIds need each other"],
  [{ SecurityGroupIds: "sg-0a" }, "SubnetIds and SecurityGroupIds need each other"],
  [{ SaslSecretArn: SECRET }, "With SaslSecretArn SecurityProtocol must be SASL_SSL or SASL_PLAINTEXT"],
  [
    { MskClusterArn: CLUSTER, SecurityProtocol: "SASL_PLAINTEXT" },
    "With MskClusterArn SecurityProtocol must be SASL_SSL",
  ],
  [{ SecurityProtocol: "SASL_SSL" }, "With SecurityProtocol SASL_SSL or SASL_PLAINTEXT give one of MskClusterArn"],
  [{ SecretKeyArn: KEY }, "SecretKeyArn is of a secret"],
  [{ SaslSecretArn: SECRET, KafkaParamsSecretArn: SECRET, SecurityProtocol: "SASL_SSL" }, "exclude each other"],
])("what cannot go together is refused by a rule: %o", (parameters, rule) => {
  expect(() => evaluateTemplate(template, { ...REQUIRED, ...parameters })).toThrow(rule);
});

test("LT3: what is fixed has no parameter, and is in the template as the construct has it", () => {
  const fixed = {
    topics: ["orders"],
    batchInterval: Duration.minutes(7),
    processorTimeout: Duration.minutes(1),
    securityProtocol: "SSL",
    onFailure: "quarantine",
    adaptiveSize: false,
    processorEnvironment: { TENANT: "a" },
  } as const;
  const made = templateOf(fixed, [{ name: "ORDERS_TABLE" }]);
  const { Topics: _fixed, ...required } = REQUIRED;
  const evaluated = evaluateTemplate(made, { ...required, OrdersTable: "orders", MaxOpenRangeAgeSeconds: 900 });
  const processorEnvironment = { TENANT: "a", ORDERS_TABLE: "orders" };
  const own = { props: () => ({ ...fixed, processorEnvironment, maxOpenRangeAge: Duration.minutes(15) }) };

  expect(withoutCode(evaluated)).toEqual(withoutCode(evaluateTemplate(constructed(own))));
  expect(Object.keys(made["Parameters"] ?? {})).not.toContain("SaslSecretArn");
  expect(made).not.toHaveProperty("Mappings");
  expect(made).toHaveProperty("Parameters.MaxRecordsPerPartition.Default", 100_000);
});

test("LT3: a start that is fixed leaves no other to be chosen", () => {
  const { Parameters = {} } = templateOf({ startingOffsets: { group: "orders" }, onNoMatch: "earliest" });

  expect(Object.keys(Parameters ?? {}).filter((name) => name.startsWith("Starting"))).toEqual([]);
});

test("what is wrong with what is fixed is told, all of it, by the props' names", () => {
  expect(() => templateOf({ maxAttempts: 0, topics: ["no topic"] })).toThrow(
    /maxAttempts.*topics|topics.*maxAttempts/s,
  );
  expect(() => templateOf({}, [{ name: "SUBNET_IDS" }])).toThrow(
    "the variable SUBNET_IDS would be the parameter SubnetIds, which the template has; choose another name",
  );
});
