import { Fn } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";

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
  /** ARN of the MSK cluster; the functions may read the topics that the pipeline names, or, with a pattern or a strategy, each of them. */
  readonly clusterArn: string;
}

export type KafkaSasl = PasswordSasl | IamSasl;

/** The part of the functions' configuration that says how they authenticate. */
export function saslConfig(sasl: KafkaSasl | undefined) {
  if (sasl === undefined) {
    return {};
  }
  requireKnownFields(sasl);
  return sasl.mechanism === "AWS_MSK_IAM"
    ? ({ saslMechanism: sasl.mechanism } as const)
    : ({ saslMechanism: sasl.mechanism, saslSecret: sasl.secret.secretArn } as const);
}

/** What JavaScript lets through: a role or a profile that is given here would be signed with by nobody. */
function requireKnownFields(sasl: KafkaSasl): void {
  const isIam = sasl.mechanism === "AWS_MSK_IAM";
  const known = isIam ? ["mechanism", "clusterArn"] : ["mechanism", "secret", "encryptionKey"];
  const unknown = Object.keys(sasl).filter((field) => !known.includes(field));
  if (unknown.length > 0) {
    const why = isIam ? "; the functions sign with their own roles, which the cluster's owner may grant access" : "";
    throw new Error(
      `sasl.${unknown.join(", sasl.")} is not taken with ${sasl.mechanism}: expected ${known.join(", ")}${why}`,
    );
  }
}

/** What of the pipeline's props says what its functions may read. */
interface KafkaAccess {
  readonly sasl?: KafkaSasl;
  readonly topics?: readonly string[];
  readonly assign?: readonly { readonly topic: string }[];
}

/** A role's policies take 10,240 characters: beyond so many topics each of the cluster's may be read. */
const MAX_NAMED_TOPICS = 20;

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

/** What a grant of each topic names. */
export function allTopicsArn(clusterArn: string): string {
  return topicArn(clusterArn, ALL_TOPICS);
}

/** `arn:…:cluster/NAME/UUID` → `arn:…:topic/NAME/UUID/TOPIC`, also where the ARN is known only when the stack is deployed. */
function topicArn(clusterArn: string, topic: string): string {
  const parts = Fn.split(":cluster/", clusterArn, 2);
  return Fn.join("", [Fn.select(0, parts), ":topic/", Fn.select(1, parts), `/${topic}`]);
}
