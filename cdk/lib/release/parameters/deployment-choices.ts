// Where the functions run, where the ledger is, what the code may do, and who is told what.

import { Fn } from "aws-cdk-lib";
import { type IVpc, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { LedgerTable } from "../../ledger-table.ts";
import { isEmpty, isGiven, isSet, ref } from "../../template/template-value.ts";
import { optionalArn, type ReleaseChoice } from "./release-choice.ts";

const SUBNET = "subnet-named-later";
const SECURITY_GROUP = "sg-named-later";

const commaSeparated = (parameter: string) => ({ "Fn::Split": [",", ref(parameter)] });

const network: ReleaseChoice = {
  name: "network",
  covers: ["vpc", "vpcSubnets", "securityGroups"],
  parameters: [
    {
      name: "SubnetIds",
      group: "Network",
      type: "String",
      default: "",
      description: "Subnets of a VPC that both functions run in, separated by commas; empty: outside of any VPC.",
      allowedPattern: "(subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*)?",
      constraint: "must be empty, or ids of subnets (subnet-…) separated by commas without blanks",
    },
    {
      name: "SecurityGroupIds",
      group: "Network",
      type: "String",
      default: "",
      description: "Security groups of both functions, separated by commas; needed with SubnetIds.",
      allowedPattern: "(sg-[0-9a-f]+(,sg-[0-9a-f]+)*)?",
      constraint: "must be empty, or ids of security groups (sg-…) separated by commas without blanks",
    },
  ],
  rules: {
    SubnetsAndSecurityGroups: {
      Assertions: [
        {
          Assert: {
            "Fn::Or": [
              { "Fn::And": [isEmpty("SubnetIds"), isEmpty("SecurityGroupIds")] },
              { "Fn::And": [isGiven("SubnetIds"), isGiven("SecurityGroupIds")] },
            ],
          },
          AssertDescription: "SubnetIds and SecurityGroupIds need each other: give both, or neither",
        },
      ],
    },
  },
  parts: [
    {
      condition: "InVpc",
      when: isGiven("SubnetIds"),
      props: (scope) => ({
        vpc: Vpc.fromVpcAttributes(scope, "Vpc", {
          vpcId: "vpc-named-later",
          availabilityZones: ["zone"],
          privateSubnetIds: [SUBNET],
          privateSubnetRouteTableIds: ["rtb-named-later"],
        }) as IVpc,
        securityGroups: [SecurityGroup.fromSecurityGroupId(scope, "SecurityGroup", SECURITY_GROUP)],
      }),
      places: [
        { only: SUBNET, by: commaSeparated("SubnetIds") },
        { only: SECURITY_GROUP, by: commaSeparated("SecurityGroupIds") },
      ],
    },
  ],
};

const ledger: ReleaseChoice = {
  name: "ledger",
  covers: ["ledger"],
  parameters: [
    {
      name: "LedgerTableName",
      group: "Pipeline",
      type: "String",
      default: "",
      description:
        "A ledger's DynamoDB table that exists: of another stack, or shared by pipelines; empty: a table of this stack's own, which it leaves behind.",
      allowedPattern: "([a-zA-Z0-9_.-]{3,255})?",
      constraint: "must be empty, or the name of a DynamoDB table",
    },
  ],
  parts: [
    {
      condition: "HasLedger",
      when: isGiven("LedgerTableName"),
      props: (scope) => ({ ledger: LedgerTable.fromTableName(scope, "ExistingLedger", Fn.ref("LedgerTableName")) }),
    },
  ],
};

const alarms: ReleaseChoice = {
  name: "alarms",
  covers: ["alarmTopic"],
  parameters: [
    {
      name: "AlarmTopicArn",
      group: "Alarms",
      type: "String",
      default: "",
      description: "SNS topic that the alarms go to; empty: they only show their state.",
      allowedPattern: optionalArn("sns", ".+"),
      constraint: "must be empty, or the ARN of an SNS topic",
    },
  ],
  parts: [
    {
      condition: "HasAlarmTopic",
      when: isGiven("AlarmTopicArn"),
      props: (scope) => ({ alarmTopic: Topic.fromTopicArn(scope, "AlarmTopic", Fn.ref("AlarmTopicArn")) }),
    },
  ],
};

const logLevel: ReleaseChoice = {
  name: "log level",
  covers: ["logLevel"],
  parameters: [
    {
      name: "LogLevel",
      group: "Functions",
      type: "String",
      default: "INFO",
      description: "What the functions log, from all phases (DEBUG) to what failed (ERROR).",
      allowedValues: ["DEBUG", "INFO", "WARN", "ERROR"],
    },
  ],
  parts: (["DEBUG", "WARN", "ERROR"] as const).map((level) => ({
    condition: `Logs${level}`,
    when: isSet("LogLevel", level),
    props: () => ({ logLevel: level }),
  })),
};

const rights: ReleaseChoice = {
  name: "rights",
  covers: [],
  parameters: [
    {
      name: "ProcessorPolicyArn",
      group: "Functions",
      type: "String",
      default: "",
      description:
        "Managed policy of IAM with what the pipeline's own code may do, such as writing to its tables; empty: nothing.",
      allowedPattern: optionalArn("iam", "policy/.+"),
      constraint: "must be empty, or the ARN of a managed policy",
    },
  ],
  parts: [
    {
      condition: "HasProcessorPolicy",
      when: isGiven("ProcessorPolicyArn"),
      props: () => ({}),
      extend: ({ processorFunction: { role } }) =>
        role?.addManagedPolicy(
          ManagedPolicy.fromManagedPolicyArn(role, "ProcessorPolicy", Fn.ref("ProcessorPolicyArn")),
        ),
    },
  ],
};

export const DEPLOYMENT_CHOICES: readonly ReleaseChoice[] = [network, ledger, alarms, logLevel, rights];
