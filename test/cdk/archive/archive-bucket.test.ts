// The bucket of an archive: what it does by itself, and what a pipeline and an operator may do there.

import { App, Duration, Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import { expect, test } from "vitest";
import { ArchiveBucket, type ArchiveBucketProps } from "../../../cdk/lib/archive/archive-bucket.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

function synthesize(propsOf: (stack: Stack) => ArchiveBucketProps = () => ({})) {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const archive = new ArchiveBucket(stack, "Archive", propsOf(stack));
  const pipeline = new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/archive-to-s3.ts"),
    processorEnvironment: { ARCHIVE_BUCKET: archive.bucket.bucketName },
  });
  archive.grantArchive(pipeline);
  const roleOf = (id: string) => new Role(stack, id, { assumedBy: new AccountPrincipal("123456789012") });
  archive.grantVerify(roleOf("Operator"));
  archive.grantManifests(roleOf("Writer"));
  return { stack, template: Template.fromStack(stack) };
}

function actionsOf(template: Template, policy: RegExp): readonly string[] {
  return Object.entries(template.findResources("AWS::IAM::Policy"))
    .filter(([name]) => policy.test(name))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action }) => [Action].flat() as readonly string[])
    .filter((action) => action.startsWith("s3:"))
    .toSorted();
}

test("a bucket of its own is private, stays, and ends the uploads that nobody completes", () => {
  const { template } = synthesize();

  template.hasResource("AWS::S3::Bucket", {
    DeletionPolicy: "Retain",
    Properties: {
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
      LifecycleConfiguration: {
        Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: "Enabled" }],
      },
    },
  });
});

test("the processor may write, the operator may only read, and the scheduler neither", () => {
  const { template } = synthesize();

  expect(actionsOf(template, /Processor/)).toEqual([
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
  ]);
  expect(actionsOf(template, /Operator/)).toEqual(["s3:GetObject", "s3:ListBucket"]);
  expect(actionsOf(template, /Writer/)).toEqual(["s3:GetObject", "s3:ListBucket", "s3:PutObject"]);
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: "s3:PutObject",
          Resource: { "Fn::Join": ["", [Match.anyValue(), "/*_manifests/*"]] },
        }),
      ]),
    },
  });
  expect(actionsOf(template, /Scheduler/)).toEqual([]);
});

test("of a bucket of the stack's the rule and the grants are about the prefix, and the archives of requests beside it", () => {
  const { template } = synthesize((stack) => ({
    // CDK declares its interfaces without exactOptionalPropertyTypes in mind.
    bucket: new Bucket(stack, "Shared") as IBucket,
    prefix: "archive",
    abortUploadsAfter: Duration.days(2),
  }));

  template.resourceCountIs("AWS::S3::Bucket", 1);
  template.hasResourceProperties("AWS::S3::Bucket", {
    LifecycleConfiguration: {
      Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 }, Prefix: "archive" }],
    },
  });
  const objects = { "Fn::Join": ["", [Match.anyValue(), "/archive*"]] };
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: "s3:GetObject", Resource: objects })]) },
  });
});

test("a bucket that is not of the app is granted, and a warning says which rule it needs", () => {
  const { stack, template } = synthesize((within) => ({ bucket: Bucket.fromBucketName(within, "Old", "old-archive") }));

  expect(actionsOf(template, /Processor/)).toContain("s3:PutObject");
  Annotations.fromStack(stack).hasWarning("/Test/Archive", Match.stringLikeRegexp("incomplete multipart uploads"));
});

test.each(["/archive", "archive/", "a//b", "archive*"])("%s is no prefix", (prefix) => {
  expect(() => synthesize(() => ({ prefix }))).toThrow(`prefix is ${JSON.stringify(prefix)}; expected a path`);
});
