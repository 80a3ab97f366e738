// Role rows
//
// What a prop adds to the functions' roles: the document's table and the test of the
// synthesized policies are made of this list. Resources are named as CDK names them for a
// pipeline `Orders`.

/** `actions on resources`, a line for each statement. */
interface RoleStatements {
  readonly prop: string;
  readonly processor: readonly string[];
  readonly scheduler: readonly string[];
}

const REFERRED = [
  "ssm:GetParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/orders/user",
  "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-??????",
  "s3:GetObject on arn:aws:s3:::stores/orders.p12",
];
const WHOLE = [
  "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:whole-AbCdEf",
  "kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/whole",
];

export const ROLE_ROWS = [
  {
    prop: "a deadLetterTarget of a bucket",
    processor: ["s3:PutObject on arn:aws:s3:::letters/dead/*"],
    scheduler: [],
  },
  {
    prop: "a deadLetterTarget of a topic, with MSK's IAM",
    processor: [
      "kafka-cluster:DescribeTopic kafka-cluster:WriteData on arn:aws:kafka:eu-west-1:123456789012:topic/orders/0a1b-2/orders.dlq",
    ],
    scheduler: [],
  },
  {
    prop: "commitGroupId, with MSK's IAM",
    processor: [],
    scheduler: [
      "kafka-cluster:AlterGroup kafka-cluster:DescribeGroup on arn:aws:kafka:eu-west-1:123456789012:group/orders/0a1b-2/orders-pipeline",
    ],
  },
  {
    prop: "startingOffsets of a group, with MSK's IAM",
    processor: [],
    scheduler: ["kafka-cluster:DescribeGroup on arn:aws:kafka:eu-west-1:123456789012:group/orders/0a1b-2/before"],
  },
  {
    prop: "locationStrategy with a variant",
    processor: [],
    scheduler: ["lambda:InvokeFunction on OrdersProcessorlargeFunction:$LATEST OrdersProcessorlargeFunction"],
  },
  {
    prop: "kafkaParams that refer to a secret, a parameter and an object",
    processor: REFERRED,
    scheduler: REFERRED,
  },
  { prop: "kafkaParamsSecret, with its key", processor: WHOLE, scheduler: WHOLE },
] as const satisfies readonly RoleStatements[];

export type RoleRow = (typeof ROLE_ROWS)[number];
