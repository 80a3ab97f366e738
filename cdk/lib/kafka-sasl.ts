import { Fn } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";

/** A user and a password, which the functions read when they connect. */
export interface PasswordSasl {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  /** As MSK asks for it: `{"username": "…", "password": "…"}`. */
  readonly secret: ISecret;
}

/** The functions' own roles, on Amazon MSK. */
export interface IamSasl {
  readonly mechanism: "AWS_MSK_IAM";
  /** ARN of the MSK cluster; the functions may read each of its topics. */
  readonly clusterArn: string;
}

export type KafkaSasl = PasswordSasl | IamSasl;

/** The part of the functions' configuration that says how they authenticate. */
export function saslConfig(sasl: KafkaSasl | undefined) {
  if (sasl === undefined) {
    return {};
  }
  return sasl.mechanism === "AWS_MSK_IAM"
    ? ({ saslMechanism: sasl.mechanism } as const)
    : ({ saslMechanism: sasl.mechanism, saslSecret: sasl.secret.secretArn } as const);
}

/** Lets the grantee in: to its secret, or to describe and read what is in the cluster. */
export function grantKafka(sasl: KafkaSasl | undefined, grantee: IGrantable): void {
  if (sasl === undefined) {
    return;
  }
  if (sasl.mechanism !== "AWS_MSK_IAM") {
    sasl.secret.grantRead(grantee);
    return;
  }
  const { clusterArn } = sasl;
  Grant.addToPrincipal({
    grantee,
    actions: ["kafka-cluster:Connect"],
    resourceArns: [clusterArn],
  });
  Grant.addToPrincipal({
    grantee,
    actions: ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
    resourceArns: [topicsOf(clusterArn)],
  });
}

/** `arn:…:cluster/NAME/UUID` → `arn:…:topic/NAME/UUID/*`, also where the ARN is known only when the stack is deployed. */
function topicsOf(clusterArn: string): string {
  const parts = Fn.split(":cluster/", clusterArn, 2);
  return Fn.join("", [Fn.select(0, parts), ":topic/", Fn.select(1, parts), "/*"]);
}
