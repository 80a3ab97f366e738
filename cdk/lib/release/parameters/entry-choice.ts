// How Kafka is entered: plainly, or by one of three parameters, which exclude each other.

import { Fn } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { KafkaProps } from "../../kafka/kafka-props.ts";
import type { TemplateParameter } from "../../template/template-parameter.ts";
import { isEmpty, isGiven, ref, type TemplateObject } from "../../template/template-value.ts";
import { optionalArn, type ReleaseChoice, type ReleasePart } from "./release-choice.ts";

const SECRET_ARN = optionalArn("secretsmanager", "secret:.+-.{6}");
const SECRET_CONSTRAINT = "must be empty, or the whole ARN of a secret, with the six characters at its end";

const parameters: readonly TemplateParameter[] = [
  {
    name: "MskClusterArn",
    group: "Kafka",
    type: "String",
    default: "",
    description:
      "The functions enter this cluster of Amazon MSK by their roles (AWS_MSK_IAM), which may read its topics; SecurityProtocol is SASL_SSL. BootstrapServers are its brokers for IAM.",
    allowedPattern: optionalArn("kafka", String.raw`cluster/[\w-]+/[\w-]+`),
    constraint: "must be empty, or the ARN of a cluster of Amazon MSK",
  },
  {
    name: "SaslSecretArn",
    group: "Kafka",
    type: "String",
    default: "",
    description:
      'The functions enter by this secret, {"username":"…","password":"…"}; SecurityProtocol is SASL_SSL or SASL_PLAINTEXT.',
    allowedPattern: SECRET_ARN,
    constraint: SECRET_CONSTRAINT,
  },
  {
    name: "SaslMechanism",
    group: "Kafka",
    type: "String",
    default: "SCRAM-SHA-512",
    description: "How they do, with SaslSecretArn.",
    allowedValues: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
  },
  {
    name: "KafkaParamsSecretArn",
    group: "Kafka",
    type: "String",
    default: "",
    description:
      "The functions enter as this secret says, a whole consumer.properties or an object of its settings in JSON: any mechanism, certificates and keys.",
    allowedPattern: SECRET_ARN,
    constraint: SECRET_CONSTRAINT,
  },
  {
    name: "SecretKeyArn",
    group: "Kafka",
    type: "String",
    default: "",
    description: "The customer key that encrypts the secret, as MSK's have one; empty: Secrets Manager's own.",
    allowedPattern: optionalArn("kms", "key/.+"),
    constraint: "must be empty, or the ARN of a key of KMS",
  },
];

const WAYS = ["MskClusterArn", "SaslSecretArn", "KafkaParamsSecretArn"] as const;
const SASL_PROTOCOLS = ["SASL_SSL", "SASL_PLAINTEXT"];

const contains = (values: readonly string[], parameter: string) => ({ "Fn::Contains": [values, ref(parameter)] });
const both = (one: TemplateObject, other: TemplateObject) => ({ "Fn::And": [one, other] });
const assertion = (Assert: TemplateObject, AssertDescription: string) => ({ Assert, AssertDescription });

const rules: TemplateObject = {
  OneWayIn: {
    Assertions: WAYS.map((way) =>
      assertion(
        { "Fn::Or": [isEmpty(way), { "Fn::And": WAYS.filter((one) => one !== way).map(isEmpty) }] },
        `${WAYS.join(", ")} exclude each other: give one of them, or none`,
      ),
    ),
  },
  PasswordsNeedSasl: {
    RuleCondition: isGiven("SaslSecretArn"),
    Assertions: [
      assertion(
        contains(SASL_PROTOCOLS, "SecurityProtocol"),
        "With SaslSecretArn SecurityProtocol must be SASL_SSL or SASL_PLAINTEXT",
      ),
    ],
  },
  RolesNeedTls: {
    RuleCondition: isGiven("MskClusterArn"),
    Assertions: [
      assertion(contains(["SASL_SSL"], "SecurityProtocol"), "With MskClusterArn SecurityProtocol must be SASL_SSL"),
    ],
  },
  SaslNeedsAWayIn: {
    RuleCondition: { "Fn::And": WAYS.map(isEmpty) },
    Assertions: [
      assertion(
        { "Fn::Not": [contains(SASL_PROTOCOLS, "SecurityProtocol")] },
        `With SecurityProtocol SASL_SSL or SASL_PLAINTEXT give one of ${WAYS.join(", ")}`,
      ),
    ],
  },
  KeysNeedSecrets: {
    RuleCondition: isGiven("SecretKeyArn"),
    Assertions: [
      assertion(
        { "Fn::Not": [both(isEmpty("SaslSecretArn"), isEmpty("KafkaParamsSecretArn"))] },
        "SecretKeyArn is of a secret: give SaslSecretArn or KafkaParamsSecretArn",
      ),
    ],
  },
};

const secretOf = (scope: Construct, arn: string) => Secret.fromSecretCompleteArn(scope, arn, Fn.ref(arn));
const keyOf = (scope: Construct) => Key.fromKeyArn(scope, "SecretKey", Fn.ref("SecretKeyArn"));

function password(scope: Construct): KafkaProps {
  const secret = secretOf(scope, "SaslSecretArn");
  return { securityProtocol: "SASL_SSL", sasl: { mechanism: "SCRAM-SHA-512", secret } };
}

function passwordWithKey(scope: Construct): KafkaProps {
  const { sasl, ...others } = password(scope);
  return sasl === undefined || sasl.mechanism === "AWS_MSK_IAM"
    ? others
    : { ...others, sasl: { ...sasl, encryptionKey: keyOf(scope) } };
}

function paramsWithKey(scope: Construct): KafkaProps {
  const secretCompleteArn = Fn.ref("KafkaParamsSecretArn");
  const kafkaParamsSecret = Secret.fromSecretAttributes(scope, "KafkaParams", {
    secretCompleteArn,
    encryptionKey: keyOf(scope),
  });
  return { kafkaParamsSecret };
}

const mechanism = [{ key: "RANGES_SASL_MECHANISM", by: ref("SaslMechanism") }];

const withoutKey = isEmpty("SecretKeyArn");
const withKey = isGiven("SecretKeyArn");

const parts: readonly ReleasePart[] = [
  {
    condition: "EntersByRole",
    when: isGiven("MskClusterArn"),
    props: () => ({
      securityProtocol: "SASL_SSL",
      sasl: { mechanism: "AWS_MSK_IAM", clusterArn: Fn.ref("MskClusterArn") },
    }),
  },
  {
    condition: "EntersByPassword",
    when: both(isGiven("SaslSecretArn"), withoutKey),
    props: password,
    places: mechanism,
  },
  {
    condition: "EntersByPasswordWithKey",
    when: both(isGiven("SaslSecretArn"), withKey),
    props: passwordWithKey,
    places: mechanism,
  },
  {
    condition: "EntersByParams",
    when: both(isGiven("KafkaParamsSecretArn"), withoutKey),
    props: (scope) => ({ kafkaParamsSecret: secretOf(scope, "KafkaParamsSecretArn") }),
  },
  {
    condition: "EntersByParamsWithKey",
    when: both(isGiven("KafkaParamsSecretArn"), withKey),
    props: paramsWithKey,
  },
];

export const ENTRY_CHOICE: ReleaseChoice = {
  name: "entry",
  covers: ["sasl", "securityProtocol", "kafkaParams", "kafkaParamsSecret"],
  parameters,
  rules,
  parts,
};
