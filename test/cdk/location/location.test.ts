import { App, Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { describe, expect, test } from "vitest";
import type { LocationStrategy, ProcessorVariantProps } from "../../../cdk/lib/location/location-strategy.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { decodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import { schedulerEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import { LOCAL_BOOTSTRAP_SERVERS } from "../../../shared/wire/environment/local-context.ts";

const required = {
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders", "clicks"],
  processorEntry: projectPath("functions/pipelines/word-count.ts"),
};

const NO_BUNDLES = { "aws:cdk:bundling-stacks": [] };

function aStack(context: Readonly<Record<string, string>> = {}): Stack {
  const env = { account: "123456789012", region: "us-east-1" };
  return new Stack(new App({ context: { ...NO_BUNDLES, ...context } }), "Test", { env });
}

/** Two zones, of which the first has two subnets. */
function importVpc(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, "Vpc", {
    vpcId: "vpc-0a1b2c3d",
    availabilityZones: ["us-east-1a", "us-east-1b"],
    privateSubnetIds: ["subnet-a1", "subnet-b1", "subnet-a2", "subnet-b2"],
  });
}

function synthesize(stack: Stack, props: Partial<RangePipelineProps>) {
  const pipeline = new RangePipeline(stack, "Orders", { ...required, ...props });
  return { pipeline, template: () => Template.fromStack(stack) };
}

interface FunctionResource {
  readonly Description: string;
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly ReservedConcurrentExecutions?: number;
  readonly Role: unknown;
  readonly VpcConfig?: { readonly SubnetIds: readonly string[] };
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

/** By what stands in brackets at the description's end: the variant; "" is the default one. */
function processorsOf(template: Template): ReadonlyMap<string, FunctionResource> {
  const functions = Object.values(template.findResources("AWS::Lambda::Function")).map(
    ({ Properties }) => Properties as FunctionResource,
  );
  const processors = functions.filter(({ Description }) => Description.startsWith("Processes"));
  return new Map(processors.map((one) => [/\((.+)\)$/.exec(one.Description)?.[1] ?? "", one]));
}

/** What the scheduler is told, with the logical id in place of a name. */
function schedulerOf(template: Template) {
  const functions = Object.values(template.findResources("AWS::Lambda::Function"));
  const scheduler = functions.find(({ Properties }) => Properties.Description.startsWith("Plans"));
  const variables: Readonly<Record<string, unknown>> = scheduler?.["Properties"].Environment.Variables;
  const texts = Object.entries(variables).map(([name, value]) => [name, textOf(value)]);
  return decodeEnvironment(schedulerEnvironment, Object.fromEntries(texts));
}

interface Intrinsic {
  readonly Ref?: string;
  readonly "Fn::GetAtt"?: readonly string[];
  readonly "Fn::Join"?: readonly [string, readonly unknown[]];
}

function textOf(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  const { Ref: ref, "Fn::GetAtt": attribute, "Fn::Join": join } = value as Intrinsic;
  return ref ?? attribute?.join(".") ?? join?.[1].map(textOf).join(join[0]) ?? "";
}

/** Each function that the statements of a role let it invoke. */
function invokedBy(template: Template, role: RegExp): readonly string[] {
  const policies = Object.entries(template.findResources("AWS::IAM::Policy")).filter(([id]) => role.test(id));
  const statements = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  return statements
    .filter(({ Action }) => Action === "lambda:InvokeFunction")
    .flatMap(({ Resource }) => [Resource].flat().map(textOf));
}

describe("preferBrokers", () => {
  test("puts a processor into each zone of the subnets, with its rack, beside the default one in all of them", () => {
    const stack = aStack();
    const { template } = synthesize(stack, { vpc: importVpc(stack), locationStrategy: "preferBrokers" });

    const processors = processorsOf(template());

    expect([...processors].map(([name, { VpcConfig }]) => [name, VpcConfig?.SubnetIds])).toEqual([
      ["", ["subnet-a1", "subnet-b1", "subnet-a2", "subnet-b2"]],
      ["us-east-1a", ["subnet-a1", "subnet-a2"]],
      ["us-east-1b", ["subnet-b1", "subnet-b2"]],
    ]);
    for (const { Environment } of processors.values()) {
      expect(Environment.Variables["RANGES_RACK_ID"]).toBe("availability-zone-id");
    }
    const { variants, preferFixed } = schedulerOf(template());
    expect(variants).toEqual({
      "us-east-1a": { function: expect.stringMatching(/useast1a/), timeoutMs: 300_000, racks: ["us-east-1a"] },
      "us-east-1b": { function: expect.stringMatching(/useast1b/), timeoutMs: 300_000, racks: ["us-east-1b"] },
    });
    expect(preferFixed).toBeUndefined();
  });

  test("knows a zone by its id too where the app makes the subnet, as MSK names its racks", () => {
    const stack = aStack();
    const vpc = new Vpc(stack, "Vpc", { availabilityZones: ["us-east-1a", "us-east-1b"] }) as IVpc;
    const { template } = synthesize(stack, { vpc, locationStrategy: "preferBrokers" });

    const { variants } = schedulerOf(template());

    expect(variants?.["us-east-1a"]?.racks).toEqual([
      "us-east-1a",
      expect.stringMatching(/^VpcPrivateSubnet1.*\.AvailabilityZoneId$/),
    ]);
  });

  test("takes the racks that it is told, for the routes and for the processors of their zones", () => {
    const stack = aStack();
    const locationStrategy = { preferBrokers: { racks: { "us-east-1a": "use1-az4" } } };
    const { template } = synthesize(stack, { vpc: importVpc(stack), locationStrategy });

    expect(schedulerOf(template()).variants).toMatchObject({
      "us-east-1a": { racks: ["use1-az4"] },
      "us-east-1b": { racks: ["us-east-1b"] },
    });
    expect(processorsOf(template()).get("us-east-1a")?.Environment.Variables["RANGES_RACK_ID"]).toBe("use1-az4");
  });

  test("keeps maxConcurrency for all zones together, and reserves it for each, since all leaders may be in one", () => {
    const stack = aStack();
    const props = { vpc: importVpc(stack), locationStrategy: "preferBrokers", maxConcurrency: 9 } as const;
    const { template } = synthesize(stack, props);

    const processors = [...processorsOf(template()).values()];

    expect(processors.map((one) => one.ReservedConcurrentExecutions)).toEqual([9, 9, 9]);
    expect(schedulerOf(template())).toMatchObject({ maxConcurrency: 9 });
    expect(schedulerOf(template()).variants?.["us-east-1a"]).not.toHaveProperty("maxConcurrency");
  });

  test("opens the brokers to the security groups of all functions", () => {
    const stack = aStack();
    const { pipeline } = synthesize(stack, { vpc: importVpc(stack), locationStrategy: "preferBrokers" });

    expect(pipeline.connections.securityGroups).toHaveLength(4);
  });

  test.each<[string, (stack: Stack) => Partial<RangePipelineProps>, string]>([
    ["without a vpc", () => ({}), "which puts a processor into each zone of a vpc, and there is none; set vpc"],
    [
      "with racks of another zone",
      (stack) => ({
        vpc: importVpc(stack),
        locationStrategy: { preferBrokers: { racks: { "us-east-1c": "use1-az3" } } },
      }),
      "its racks name us-east-1c, where no subnet is; there are us-east-1a, us-east-1b",
    ],
    [
      "with one rack for all",
      (stack) => ({ vpc: importVpc(stack), rackId: "use1-az1" }),
      'gives each processor its own rack, and rackId is "use1-az1"; remove rackId',
    ],
  ])("is refused %s", (_, props, message) => {
    const stack = aStack();

    expect(() => synthesize(stack, { locationStrategy: "preferBrokers", ...props(stack) })).toThrow(message);
  });

  test("is refused where the zones are known only when the stack is deployed", () => {
    const stack = new Stack(new App({ context: NO_BUNDLES }), "Anywhere");
    const vpc = new Vpc(stack, "Vpc") as IVpc;

    expect(() => synthesize(stack, { vpc, locationStrategy: "preferBrokers" })).toThrow(
      "give the stack an env with account and region, or import the vpc by its attributes",
    );
  });

  test("is one processor on a local endpoint", () => {
    const stack = aStack({ [LOCAL_BOOTSTRAP_SERVERS]: "127.0.0.1:9092" });
    const { template } = synthesize(stack, { vpc: importVpc(stack), locationStrategy: "preferBrokers" });

    expect([...processorsOf(template()).keys()]).toEqual([""]);
    expect(schedulerOf(template())).not.toHaveProperty("variants");
  });
});

const variants: Readonly<Record<string, ProcessorVariantProps>> = {
  large: { memorySize: 3_538, timeout: Duration.minutes(15), maxConcurrency: 4 },
  spare: {},
};

describe("preferFixed", () => {
  const locationStrategy: LocationStrategy = {
    preferFixed: { "orders:3": "large", "clicks:*": "spare", "orders:4": "large" },
    variants,
  };

  test("makes a function of each variant, of the pipeline's own props where it says nothing", () => {
    const { template } = synthesize(aStack(), { locationStrategy, maxConcurrency: 50, processorMemorySize: 512 });

    const processors = processorsOf(template());

    expect(
      [...processors].map(([name, { MemorySize, Timeout, ReservedConcurrentExecutions }]) => [
        name,
        MemorySize,
        Timeout,
        ReservedConcurrentExecutions,
      ]),
    ).toEqual([
      ["", 512, 300, 50],
      ["large", 3_538, 900, 4],
      ["spare", 512, 300, 50],
    ]);
    const { variants: told, preferFixed, processorFunction } = schedulerOf(template());
    expect(processorFunction).toMatch(/^OrdersProcessorFunction/);
    expect(told).toEqual({
      large: { function: expect.stringMatching(/large/), timeoutMs: 900_000, maxConcurrency: 4 },
      spare: { function: expect.stringMatching(/spare/), timeoutMs: 300_000 },
    });
    expect(preferFixed).toEqual({ large: ["orders:3", "orders:4"], spare: ["clicks:*"] });
  });

  test("G3: the variants' events are dropped as the default one's are, and go to the same queue", () => {
    const { template } = synthesize(aStack(), { locationStrategy });

    const configs = Object.values(template().findResources("AWS::Lambda::EventInvokeConfig")).map(
      ({ Properties }) => Properties,
    );
    const processors = configs.filter(({ DestinationConfig }) => DestinationConfig !== undefined);

    expect(processors).toHaveLength(3);
    expect(new Set(processors.map(({ DestinationConfig }) => JSON.stringify(DestinationConfig))).size).toBe(1);
    expect(processors.map((one) => [one.MaximumEventAgeInSeconds, one.MaximumRetryAttempts])).toEqual([
      [120, 0],
      [120, 0],
      [120, 0],
    ]);
  });

  test("all have one role, so that what the pipeline is granted holds wherever its code runs", () => {
    const stack = aStack();
    const { pipeline, template } = synthesize(stack, { locationStrategy });
    new Table(stack, "Counts", { partitionKey: { name: "id", type: AttributeType.STRING } }).grantWriteData(pipeline);

    const roles = [...processorsOf(template()).values()].map(({ Role: role }) => JSON.stringify(role));

    expect(new Set(roles).size).toBe(1);
    expect(Object.keys(template().findResources("AWS::IAM::Role")).toSorted()).toEqual([
      expect.stringMatching(/^OrdersProcessorFunctionServiceRole/),
      expect.stringMatching(/^OrdersSchedulerFunctionServiceRole/),
      expect.stringMatching(/^OrdersSchedulerScheduleRole/),
    ]);
    for (const { Properties } of Object.values(template().findResources("AWS::IAM::Policy"))) {
      const statements = Properties.PolicyDocument.Statement.map((one: object) => JSON.stringify(one));
      expect(statements).toEqual([...new Set(statements)]);
    }
  });

  test("the scheduler and who may reprocess invoke each of them, and nobody else", () => {
    const stack = aStack();
    const { pipeline, template } = synthesize(stack, { locationStrategy });
    pipeline.grantReprocess(new Role(stack, "Operator", { assumedBy: new ServicePrincipal("ec2.amazonaws.com") }));

    const byScheduler = invokedBy(template(), /^OrdersSchedulerFunction/);
    const byOperator = invokedBy(template(), /^Operator/);

    expect([...new Set(byScheduler.map((arn) => /Processor(large|spare)?/.exec(arn)?.[0]))]).toEqual([
      "Processor",
      "Processorlarge",
      "Processorspare",
    ]);
    expect(byOperator.filter((arn) => arn.includes("Processorlarge"))).not.toEqual([]);
    expect(Object.keys(pipeline.variantFunctions)).toEqual(["large", "spare"]);
  });

  test("each has an alarm for its throttles, and is put out by name", () => {
    const { template } = synthesize(aStack(), { locationStrategy });

    const alarms = Object.values(template().findResources("AWS::CloudWatch::Alarm")).filter(
      ({ Properties }) => Properties.MetricName === "Throttles",
    );
    const throttled = alarms.flatMap(({ Properties }) =>
      Properties.Dimensions.map((one: { Value: unknown }) => textOf(one.Value)),
    );
    expect(throttled.filter((name) => name.startsWith("OrdersProcessor"))).toHaveLength(3);
    expect(Object.keys(template().findOutputs("*"))).toEqual(
      expect.arrayContaining(["OrdersProcessorFunctionName", "OrdersProcessorFunctionNameLarge"]),
    );
    template().hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: "OldestOpenRangeAge",
      // Three times the dispatch's two minutes and the longest time-out.
      Threshold: 3 * 17 * 60_000,
    });
  });

  test("so many partitions that they do not fit the environment are refused, with the shorter way", () => {
    const all = Array.from({ length: 400 }, (_, partition) => [`orders:${partition}`, "large"]);

    expect(() =>
      synthesize(aStack(), { locationStrategy: { preferFixed: Object.fromEntries(all), variants } }),
    ).toThrow('name "topic:*" in preferFixed instead of each partition');
  });

  test.each<[string, object | string, string]>([
    ["a strategy that is none", "preferHosts", 'locationStrategy is "preferHosts"; choose "preferConsistent"'],
    ["a misspelt field", { preferFixd: {}, variants }, "locationStrategy.preferFixd is not a prop"],
    ["no variants", { preferFixed: { "orders:0": "large" } }, "locationStrategy.variants is not set"],
    [
      "a variant that there is not",
      { preferFixed: { "orders:0": "huge" }, variants },
      'preferFixed {"huge":["orders:0"]} is wrong: it names "huge", which is no variant',
    ],
    [
      "a topic that the pipeline does not read",
      { preferFixed: { "bills:0": "large" }, variants },
      "it names bills:0, which the pipeline does not read",
    ],
    ["no partition", { preferFixed: { orders: "large" }, variants }, "expected topic:partition, or topic:*"],
    [
      "a name with a blank",
      { preferFixed: {}, variants: { "a b": {} } },
      'locationStrategy.variants has "a b"; choose a letter',
    ],
    [
      "a time-out out of bounds",
      { preferFixed: {}, variants: { large: { timeout: Duration.minutes(16) } } },
      "locationStrategy.variants.large.timeout is 16 minutes; choose 10 seconds to 15 minutes",
    ],
    [
      "a concurrency of none",
      { preferFixed: {}, variants: { large: { maxConcurrency: 0 } } },
      "locationStrategy.variants.large.maxConcurrency is 0; choose a whole number from 1 to 20000",
    ],
  ])("%s is refused", (_, strategy, message) => {
    expect(() => synthesize(aStack(), { locationStrategy: strategy as LocationStrategy })).toThrow(message);
  });
});
