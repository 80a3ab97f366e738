import { Fn } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { nearestName } from "../../../shared/core/nearest-name.ts";
import {
  hasMethod,
  isObject,
  known,
  nested,
  type PropRule,
  type PropRules,
  required,
  showValue,
  such,
  text,
} from "../props/prop-rules.ts";
import { isFromGroup } from "../props/starting-offsets.ts";

/** A user and a password, which the functions read when they connect. */
export interface PasswordSasl {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  /** As MSK asks for it: `{"username": "…", "password": "…"}`. */
  readonly secret: ISecret;
  /**
   * The customer key that encrypts the secret; MSK's secrets have one. A secret that is imported by its name does not
   * know it, and the functions may not read it without.
   * @default - the secret's own, as far as it is known
   */
  readonly encryptionKey?: IKey;
}

/** The functions' own roles, on Amazon MSK. */
export interface IamSasl {
  readonly mechanism: "AWS_MSK_IAM";
  /**
   * ARN of the MSK cluster; the functions may read the topics that the pipeline names, or, with a pattern or a strategy,
   * each of them.
   * @default - that of `mskCluster`, which is required without it
   */
  readonly clusterArn?: string;
}

/** How the functions authenticate at the brokers. */
export type KafkaSasl = PasswordSasl | IamSasl;

/** The same of a cluster that is known. */
export type SettledSasl = PasswordSasl | (IamSasl & { readonly clusterArn: string });

/** The part of the functions' configuration that says how they authenticate. */
export function saslConfig(sasl: KafkaSasl | undefined) {
  if (sasl === undefined) {
    return {};
  }
  return sasl.mechanism === "AWS_MSK_IAM"
    ? ({ saslMechanism: sasl.mechanism } as const)
    : ({ saslMechanism: sasl.mechanism, saslSecret: sasl.secret.secretArn } as const);
}

const iamRules: PropRules<IamSasl> = { mechanism: required(known), clusterArn: text };
const passwordRules: PropRules<PasswordSasl> = {
  mechanism: required(known),
  secret: required(such("a Secret", (value) => hasMethod(value, "grantRead"))),
  encryptionKey: such("a Key", (value) => hasMethod(value, "grantDecrypt")),
};
const RULES = {
  AWS_MSK_IAM: nested(iamRules),
  PLAIN: nested(passwordRules),
  "SCRAM-SHA-256": nested(passwordRules),
  "SCRAM-SHA-512": nested(passwordRules),
} as const satisfies Record<KafkaSasl["mechanism"], PropRule>;

/** A role or a profile that is given here would be signed with by nobody. */
const OWN_ROLES =
  "with AWS_MSK_IAM the functions sign with their own roles, which the cluster's owner may grant access";

/** The props that belong to the mechanism. */
export const saslRule: PropRule = (value, name) => {
  const mechanism: unknown = isObject(value) && "mechanism" in value ? value.mechanism : undefined;
  if (!isMechanism(mechanism)) {
    return [`${name}.mechanism is ${showValue(mechanism)}; choose one of ${Object.keys(RULES).join(", ")}`];
  }
  const problems = RULES[mechanism](value, name);
  const isIam = mechanism === "AWS_MSK_IAM";
  return isIam && Object.keys(value as object).some(isForeign) ? [...problems, OWN_ROLES] : problems;
};

/** Neither a prop of IAM's nor a slip of the pen. */
function isForeign(prop: string): boolean {
  return nearestName(prop, Object.keys(iamRules)) === undefined;
}

function isMechanism(value: unknown): value is KafkaSasl["mechanism"] {
  return typeof value === "string" && Object.hasOwn(RULES, value);
}

/** What of the pipeline's props says what its functions may read. */
export interface KafkaAccess {
  readonly sasl?: SettledSasl;
  readonly topics?: readonly string[];
  readonly assign?: readonly { readonly topic: string }[];
}

/** A role's policies take 10,240 characters: beyond so many topics each of the cluster's may be read. */
export const MAX_NAMED_TOPICS = 20;

const ALL_TOPICS = "*";

/** Lets the grantee in: to its secret, or to describe and read what it reads of the cluster. */
export function grantKafka({ sasl, topics, assign }: KafkaAccess, grantee: IGrantable): void {
  if (sasl === undefined) {
    return;
  }
  if (sasl.mechanism !== "AWS_MSK_IAM") {
    sasl.secret.grantRead(grantee);
    sasl.encryptionKey?.grantDecrypt(grantee);
    return;
  }
  const { clusterArn } = sasl;
  const names = [...new Set(topics ?? assign?.map(({ topic }) => topic))];
  const read = names.length === 0 || names.length > MAX_NAMED_TOPICS ? [ALL_TOPICS] : names;
  Grant.addToPrincipal({
    grantee,
    actions: ["kafka-cluster:Connect"],
    resourceArns: [clusterArn],
  });
  Grant.addToPrincipal({
    grantee,
    actions: ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
    resourceArns: read.map((topic) => topicArn(clusterArn, topic)),
  });
}

interface TopicGrant {
  readonly topic: string;
  readonly actions: readonly ("ReadData" | "WriteData")[];
}

/** Lets the grantee describe a topic of the cluster and do that there, where the cluster asks IAM. */
export function grantTopic(
  sasl: SettledSasl | undefined,
  grantee: IGrantable,
  { topic, actions: own }: TopicGrant,
): void {
  if (sasl?.mechanism === "AWS_MSK_IAM") {
    const actions = ["DescribeTopic", ...own].map((action) => `kafka-cluster:${action}`);
    Grant.addToPrincipal({ grantee, actions, resourceArns: [topicArn(sasl.clusterArn, topic)] });
  }
}

/** Lets the grantee tell one consumer group of the cluster offsets and read those of another, where the cluster asks IAM. */
export function grantGroups(
  {
    sasl,
    commitGroupId,
    startingOffsets,
  }: Pick<KafkaAccess, "sasl"> & { readonly commitGroupId?: string; readonly startingOffsets: unknown },
  grantee: IGrantable,
): void {
  if (sasl?.mechanism !== "AWS_MSK_IAM") {
    return;
  }
  const arnOf = (groupId: string) => resourceArn(sasl.clusterArn, "group", groupId);
  if (commitGroupId !== undefined) {
    const actions = ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"];
    Grant.addToPrincipal({ grantee, actions, resourceArns: [arnOf(commitGroupId)] });
  }
  if (isFromGroup(startingOffsets) && startingOffsets.group !== commitGroupId) {
    Grant.addToPrincipal({
      grantee,
      actions: ["kafka-cluster:DescribeGroup"],
      resourceArns: [arnOf(startingOffsets.group)],
    });
  }
}

/** What a grant of each topic names. */
export function allTopicsArn(clusterArn: string): string {
  return topicArn(clusterArn, ALL_TOPICS);
}

function topicArn(clusterArn: string, topic: string): string {
  return resourceArn(clusterArn, "topic", topic);
}

/** `arn:…:cluster/NAME/UUID` → `arn:…:topic/NAME/UUID/TOPIC`, also where the ARN is known only when the stack is deployed. */
function resourceArn(clusterArn: string, kind: "topic" | "group", name: string): string {
  const parts = Fn.split(":cluster/", clusterArn, 2);
  return Fn.join("", [Fn.select(0, parts), `:${kind}/`, Fn.select(1, parts), `/${name}`]);
}
