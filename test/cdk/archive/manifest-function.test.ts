// The function that writes manifests: what it is told, what it may do, and when it runs.

import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { ArchiveBucket } from "../../../cdk/lib/archive/archive-bucket.ts";
import { bundleOptions } from "../../../cdk/lib/bundle/bundle-entry.ts";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { decodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import { manifestEnvironment } from "../../../shared/wire/environment/manifest-environment.ts";

const LEDGER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/ledger";
const ARCHIVE_KEY = "arn:aws:kms:eu-west-1:123456789012:key/archive";

function synthesize(propsOf: (stack: Stack) => Partial<RangePipelineProps>) {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const pipeline = new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/archive-to-s3.ts"),
    ...propsOf(stack),
  });
  return { pipeline, template: Template.fromStack(stack) };
}

const archived = (stack: Stack) => ({
  manifests: new ArchiveBucket(stack, "Archive", {
    bucket: Bucket.fromBucketName(stack, "Bucket", "orders-archive"),
    prefix: "archive",
  }),
});

test("without the prop there is no such function, schedule or alarm", () => {
  const { pipeline, template } = synthesize(() => ({}));

  expect(pipeline.manifestFunction).toBeUndefined();
  template.resourceCountIs("AWS::Lambda::Function", 2);
  template.resourceCountIs("AWS::Scheduler::Schedule", 1);
  expect(JSON.stringify(template.findResources("AWS::CloudWatch::Alarm"))).not.toContain("manifests");
});

test("it is told the ledger and the archive, and runs every five minutes for as long at most", () => {
  const { template } = synthesize(archived);
  const functions = template.findResources("AWS::Lambda::Function", {
    Properties: { Description: "Writes the manifests of finished batches of Orders" },
  });
  const [{ Properties } = expect.unreachable("there is no such function")] = Object.values(functions);

  const variables = Properties.Environment.Variables;
  expect(decodeEnvironment(manifestEnvironment, { ...variables, RANGES_LEDGER_TABLE: "table" })).toEqual({
    pipeline: "Orders",
    ledgerTable: "table",
    archiveBucket: "orders-archive",
    archivePrefix: "archive",
  });
  expect(Properties).toMatchObject({ Timeout: 300, Runtime: "nodejs24.x", Architectures: ["arm64"] });
  template.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "rate(5 minutes)",
    State: "ENABLED",
    Target: {
      Arn: { "Fn::GetAtt": [Object.keys(functions)[0], "Arn"] },
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 300 },
    },
  });
  template.hasOutput("OrdersManifestFunctionName", { Value: { Ref: Object.keys(functions)[0] } });
});

test("of an archive that is a whole bucket it is told no prefix", () => {
  const { template } = synthesize((stack) => ({ manifests: new ArchiveBucket(stack, "Archive") }));

  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: { RANGES_ARCHIVE_BUCKET: Match.anyValue(), RANGES_ARCHIVE_PREFIX: Match.absent() } },
  });
});

test("FT15: an operator hears of it when three of four runs failed, and where nothing fails of nothing", () => {
  const { template } = synthesize(archived);

  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmDescription: Match.stringLikeRegexp("^Finished batches get no manifests"),
    MetricName: "Errors",
    Period: 300,
    EvaluationPeriods: 4,
    DatapointsToAlarm: 3,
    TreatMissingData: "notBreaching",
  });
});

test("keys of customers that encrypt the ledger and the archive are the function's to use", () => {
  const { template } = synthesize((stack) => ({
    ledger: LedgerTable.fromTableName(stack, "Ledger", "ranges", {
      encryptionKey: Key.fromKeyArn(stack, "LedgerKey", LEDGER_KEY),
    }),
    manifests: new ArchiveBucket(stack, "Archive", {
      bucket: new Bucket(stack, "Bucket", { encryptionKey: Key.fromKeyArn(stack, "Key", ARCHIVE_KEY) }) as IBucket,
    }),
  }));
  const policies = Object.entries(template.findResources("AWS::IAM::Policy"));
  const statements = policies
    .filter(([id]) => id.startsWith("OrdersManifestsFunction"))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);

  const granted = statements.filter(({ Action }) => [Action].flat().some((action) => action.startsWith("kms:")));
  expect(granted.map(({ Resource }) => Resource)).toEqual([LEDGER_KEY, ARCHIVE_KEY]);
});

test("what is no archive is refused, with what to give", () => {
  const bucket = { bucketName: "orders-archive" };

  // A caller without types may well give a bucket.
  expect(() => synthesize(() => ({ manifests: bucket }) as unknown as Partial<RangePipelineProps>)).toThrow(
    "choose an ArchiveBucket",
  );
});

test("its bundle has neither an SDK of AWS nor Kafka's client, nor what only processors need", () => {
  const entry = projectPath("functions/manifests/handler.ts");
  const { metafile } = buildSync({
    ...bundleOptions(entry),
    ...{ bundle: true, platform: "node", format: "esm", write: false, outdir: "out", metafile: true },
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);

  const inside = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
  expect(inside.length).toBeGreaterThan(10);
  expect(
    inside.filter((path) => /@aws-sdk|@smithy|kafkajs|shared\/(kafka|lambda|sqs)\/|archive\/open-/.test(path)),
  ).toEqual([]);
  expect(output?.bytes).toBeLessThan(250_000);
});
