// cdk/guides/operators.md has the policies that the construct grants, for those who write
// their roles by hand.

import { readFileSync } from "node:fs";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { expect, test } from "vitest";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

const guide = readFileSync(projectPath("cdk/guides/operators.md"), "utf8");
const policies = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = ""]) => JSON.parse(json).Statement);

type Grant = (pipeline: RangePipeline, role: Role) => void;

/** As the guide writes them: with names in place of what CloudFormation fills in. */
function statementsOf(grant: Grant) {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test", {
    env: { account: "123456789012", region: "eu-west-1" },
  });
  const pipeline = new RangePipeline(stack, "Orders", {
    pipelineName: "PIPELINE",
    mskCluster: "arn:aws:kafka:eu-west-1:123456789012:cluster/CLUSTER/UUID",
    vpc: Vpc.fromVpcAttributes(stack, "Vpc", {
      vpcId: "vpc-0a1b2c3d",
      availabilityZones: ["eu-west-1a"],
      privateSubnetIds: ["subnet-0a1b2c3d"],
    }) as IVpc,
    topics: ["orders"],
    ledger: LedgerTable.fromTableName(stack, "Ledger", "TABLE"),
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
  });
  grant(pipeline, new Role(stack, "Operator", { assumedBy: new AccountPrincipal("123456789012") }));
  const found = Object.entries(Template.fromStack(stack).findResources("AWS::IAM::Policy"));
  const [, policy] = found.find(([id]) => id.startsWith("Operator")) ?? [];
  const json = JSON.stringify(policy?.["Properties"].PolicyDocument.Statement);
  const named = json
    .replaceAll(
      /\{"Fn::GetAtt":\["OrdersSchedulerFunction\w+","Arn"\]\}/g,
      '"arn:aws:lambda:eu-west-1:123456789012:function:SCHEDULER"',
    )
    .replaceAll(/\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]+)"\]\]\}/g, '"arn:aws$1"');
  return JSON.parse(named.replaceAll(/\{"Fn::Join":\["",\["([^"]+)",":\$LATEST"\]\]\}/g, '"$1:$LATEST"'));
}

test.each<[string, Grant, unknown]>([
  ["grantReadLedger", (pipeline, role) => pipeline.grantReadLedger(role), policies[0]],
  ["grantOperate", (pipeline, role) => pipeline.grantOperate(role), policies[1]],
  ["grantReadKafka", (pipeline, role) => pipeline.grantReadKafka(role), policies[2]],
])("the guide's policy is what %s grants", (_, grant, written) => {
  expect(written).toEqual(statementsOf(grant));
});
