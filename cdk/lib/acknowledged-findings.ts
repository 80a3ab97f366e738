// Acknowledged findings
//
// What cdk-nag's AwsSolutions rules find in a pipeline and is as it should be, each
// with its reason, on the construct that it is about. Whatever else they find fails
// test/cdk/nag.test.ts.

import { Stack, Validations } from "aws-cdk-lib";
import { AwsCustomResource } from "aws-cdk-lib/custom-resources";
import type { IConstruct } from "constructs";
import { allTopicsArn, type SettledSasl } from "./kafka/kafka-sasl.ts";

const OF_QUEUES = {
  "AwsSolutions-SQS3":
    "It is what a dead-letter queue is: what arrives in it has been given up, waits fourteen days for somebody, and alarms.",
};

const MANAGED = "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/";

const OF_FUNCTIONS = {
  [`${MANAGED}AWSLambdaBasicExecutionRole]`]:
    "AWS's own policy for a function's logs, which it keeps in step with Lambda.",
  [`${MANAGED}AWSLambdaVPCAccessExecutionRole]`]:
    "AWS's own policy for a function in a VPC: Lambda makes and removes the network interfaces by it.",
  "AwsSolutions-IAM5[Resource::*]": "X-Ray's PutTraceSegments and PutTelemetryRecords take no resource.",
  "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]":
    "DynamoDB uses the ledger's customer key in the functions' name by these, on that key alone.",
  "AwsSolutions-IAM5[Action::kms:ReEncrypt*]":
    "DynamoDB uses the ledger's customer key in the functions' name by these, on that key alone.",
};

const OF_LOOKUP = {
  [`${MANAGED}AWSLambdaBasicExecutionRole]`]:
    "AWS's own policy for a function's logs, of the function that CDK asks for a cluster's brokers by when a stack is deployed.",
  "AwsSolutions-L1": "The runtime of CDK's own function is CDK's to choose.",
};

const OBJECTS =
  "The manifests of one archive's batches, also of its reprocess requests, whose names nobody knows before.";

const ALL_TOPICS =
  "A pattern, a strategy or more than twenty names: the topics of this one cluster, to describe and read.";

export function acknowledgeQueues(...queues: readonly (IConstruct | undefined)[]): void {
  for (const queue of queues.filter((one) => one !== undefined)) {
    acknowledge(queue, OF_QUEUES);
  }
}

export function acknowledgeFunction(scope: IConstruct, sasl: SettledSasl | undefined): void {
  acknowledge(scope, OF_FUNCTIONS);
  const topics = sasl?.mechanism === "AWS_MSK_IAM" ? Stack.of(scope).resolve(allTopicsArn(sasl.clusterArn)) : undefined;
  // Of a cluster that is known only when the stack is deployed, the finding has a name that cannot be told here.
  if (typeof topics === "string") {
    acknowledge(scope, { [`AwsSolutions-IAM5[Resource::${topics}]`]: ALL_TOPICS });
  }
}

/** Of a function that puts objects below an ARN, and compares what is there. */
export function acknowledgeObjects(scope: IConstruct, arn: string): void {
  acknowledge(scope, { [`AwsSolutions-IAM5[Resource::${nameOf(Stack.of(scope).resolve(arn))}]`]: OBJECTS });
}

/** As cdk-nag writes an ARN of which CloudFormation knows a part: `<Bucket.Arn>/archive*`. */
function nameOf(resolved: unknown): string {
  if (typeof resolved !== "object" || resolved === null) {
    return String(resolved);
  }
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": joined } = resolved as Readonly<Record<string, unknown>>;
  if (Array.isArray(joined)) {
    const [, parts]: readonly unknown[] = joined;
    return Array.isArray(parts) ? parts.map(nameOf).join("") : "";
  }
  return `<${Array.isArray(attribute) ? attribute.join(".") : String(Ref)}>`;
}

/** Of CDK's own function behind AwsCustomResource, where the stack has it. */
export function acknowledgeLookup(scope: IConstruct): void {
  const id = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll("-", "")}`;
  const provider = Stack.of(scope).node.tryFindChild(id);
  if (provider !== undefined) {
    acknowledge(provider, OF_LOOKUP);
  }
}

function acknowledge(scope: IConstruct, findings: Readonly<Record<string, string>>): void {
  Validations.of(scope).acknowledge(...Object.entries(findings).map(([id, reason]) => ({ id, reason })));
}
