// MSK listener
//
// How a pipeline's functions enter a cluster of Amazon MSK, which of its lists of brokers
// that is, and what of the props contradicts it.
// https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html

import { Token } from "aws-cdk-lib";
import type { PropProblem } from "../props/prop-rules.ts";
import type { KafkaProps } from "./kafka-props.ts";
import type { KafkaSasl } from "./kafka-sasl.ts";
import { isServerless, type MskCluster, mskClusterArn } from "./msk-cluster.ts";
import { entersByRoles, entrySaidBy } from "./params/entry-said.ts";

/** The lists of brokers that GetBootstrapBrokers answers with, by how they are entered from within the VPC. */
const LISTENERS = {
  AWS_MSK_IAM: { brokers: "BootstrapBrokerStringSaslIam", port: 9098 },
  "SCRAM-SHA-512": { brokers: "BootstrapBrokerStringSaslScram", port: 9096 },
  SSL: { brokers: "BootstrapBrokerStringTls", port: 9094 },
  PLAINTEXT: { brokers: "BootstrapBrokerString", port: 9092 },
} as const;

export type MskListener = (typeof LISTENERS)[keyof typeof LISTENERS];

/** How the functions enter a cluster of MSK by a mechanism that the props name, or by their roles. */
export function mskSasl(props: Pick<KafkaProps, "sasl" | "securityProtocol" | "kafkaParams">): KafkaSasl | undefined {
  return props.sasl ?? (entersByRoles(props) ? { mechanism: "AWS_MSK_IAM" } : undefined);
}

/** The listener that the props lead to; undefined where MSK has none. */
export function mskListener(props: KafkaProps): MskListener | undefined {
  const { protocol, mechanism } = mskEntry(props);
  const name = protocol === "SASL_SSL" && mechanism !== undefined ? mechanism : protocol;
  // A mechanism over a protocol without one is told by the rules of the functions' environment.
  return isListener(name) ? LISTENERS[name] : undefined;
}

interface MskEntry {
  readonly protocol: string;
  readonly mechanism: string | undefined;
  /** What says each of them: a prop, or a setting among kafkaParams. */
  readonly names: { readonly protocol: string; readonly mechanism: string };
}

function mskEntry(props: KafkaProps): MskEntry {
  const said = entrySaidBy(props.kafkaParams);
  const sasl = mskSasl(props);
  const nameOf = (setting: { readonly key: string } | undefined, prop: string) =>
    setting === undefined ? prop : `kafkaParams: ${setting.key}`;
  return {
    protocol: props.securityProtocol ?? said.protocol?.value ?? (sasl === undefined ? "PLAINTEXT" : "SASL_SSL"),
    mechanism: sasl?.mechanism ?? said.mechanism?.value,
    names: {
      protocol: nameOf(said.protocol, "securityProtocol"),
      mechanism: nameOf(props.sasl === undefined ? said.mechanism : undefined, "sasl.mechanism"),
    },
  };
}

function isListener(name: string): name is keyof typeof LISTENERS {
  return Object.hasOwn(LISTENERS, name);
}

/** What of the props about the cluster contradicts the others. */
export function clusterProblems(props: KafkaProps & { readonly vpc?: object }): readonly PropProblem[] {
  const { bootstrapServers, mskCluster } = props;
  if (mskCluster === undefined) {
    return [
      ...(bootstrapServers === undefined
        ? [problem("bootstrapServers", "is not set, and has no default; give the brokers, or an mskCluster")]
        : []),
      ...(props.mskSecurityGroups === undefined
        ? []
        : [problem("mskSecurityGroups", "are opened for an mskCluster, and none is given")]),
      ...(props.sasl?.mechanism === "AWS_MSK_IAM" && props.sasl.clusterArn === undefined
        ? [{ prop: "sasl", message: "sasl.clusterArn is not set, and has no default; give it, or an mskCluster" }]
        : []),
    ];
  }
  return [
    ...(bootstrapServers === undefined
      ? []
      : [problem("bootstrapServers", "contradicts mskCluster, whose brokers are looked up; give one of them")]),
    ...(props.vpc === undefined
      ? [problem("mskCluster", "is reached from within its VPC; give vpc, or bootstrapServers of its public access")]
      : []),
    ...listenerProblems(props, mskCluster),
    ...arnProblems(props, mskCluster),
  ];
}

function problem(prop: string, message: string): PropProblem {
  return { prop, message: `${prop} ${message}` };
}

function listenerProblems(props: KafkaProps, cluster: MskCluster): readonly PropProblem[] {
  const { protocol, mechanism, names } = mskEntry(props);
  const how = mechanism === undefined ? `${names.protocol} ${protocol}` : `${names.mechanism} ${mechanism}`;
  const ofPart = (part: string, prop: string, message: string): PropProblem => ({
    prop: part.startsWith("kafkaParams") ? "kafkaParams" : prop,
    message,
  });
  const ofMechanism = (message: string) => ofPart(names.mechanism, "sasl", message);
  const ofProtocol = (message: string) => ofPart(names.protocol, "securityProtocol", message);
  if (isServerless(cluster) && mechanism !== "AWS_MSK_IAM") {
    const message = `${how} is not to be had of MSK Serverless, which takes AWS_MSK_IAM alone`;
    return [mechanism === undefined ? ofProtocol(message) : ofMechanism(message)];
  }
  if (mechanism !== undefined && !isListener(mechanism)) {
    return [ofMechanism(`${how} is not to be had of MSK; choose AWS_MSK_IAM or SCRAM-SHA-512`)];
  }
  return mskListener(props) === undefined
    ? [ofProtocol(`${names.protocol} ${protocol} is not to be had of MSK; choose SASL_SSL, SSL or PLAINTEXT`)]
    : [];
}

function arnProblems({ sasl }: KafkaProps, cluster: MskCluster): readonly PropProblem[] {
  const given = sasl?.mechanism === "AWS_MSK_IAM" ? sasl.clusterArn : undefined;
  const arn = mskClusterArn(cluster);
  return given === undefined || given === arn || Token.isUnresolved(given) || Token.isUnresolved(arn)
    ? []
    : [{ prop: "sasl", message: `sasl.clusterArn ${given} contradicts mskCluster ${arn}; leave it out` }];
}
