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

/** The lists of brokers that GetBootstrapBrokers answers with, by how they are entered from within the VPC. */
const LISTENERS = {
  AWS_MSK_IAM: { brokers: "BootstrapBrokerStringSaslIam", port: 9098 },
  "SCRAM-SHA-512": { brokers: "BootstrapBrokerStringSaslScram", port: 9096 },
  SSL: { brokers: "BootstrapBrokerStringTls", port: 9094 },
  PLAINTEXT: { brokers: "BootstrapBrokerString", port: 9092 },
} as const;

export type MskListener = (typeof LISTENERS)[keyof typeof LISTENERS];

/** How the functions enter a cluster of MSK where the props do not say: by their roles. */
export function mskSasl({ sasl, securityProtocol }: KafkaProps): KafkaSasl | undefined {
  return sasl ?? (securityProtocol === undefined ? { mechanism: "AWS_MSK_IAM" } : undefined);
}

/** The listener that the props lead to; undefined where MSK has none. */
export function mskListener(props: KafkaProps): MskListener | undefined {
  const sasl = mskSasl(props);
  const { securityProtocol = "SASL_SSL" } = props;
  const isSasl = securityProtocol === "SASL_SSL" && sasl !== undefined;
  const name = isSasl ? sasl.mechanism : securityProtocol;
  // A mechanism over a protocol without one is told by the rules of the functions' environment.
  return isListener(name) ? LISTENERS[name] : undefined;
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
  const sasl = mskSasl(props);
  const mechanism = sasl?.mechanism;
  const how = mechanism === undefined ? `securityProtocol ${props.securityProtocol}` : `sasl.mechanism ${mechanism}`;
  const prop = mechanism === undefined ? "securityProtocol" : "sasl";
  if (isServerless(cluster) && mechanism !== "AWS_MSK_IAM") {
    return [{ prop, message: `${how} is not to be had of MSK Serverless, which takes AWS_MSK_IAM alone` }];
  }
  if (mechanism !== undefined && !isListener(mechanism)) {
    return [{ prop, message: `${how} is not to be had of MSK; choose AWS_MSK_IAM or SCRAM-SHA-512` }];
  }
  return mskListener(props) === undefined
    ? [
        problem(
          "securityProtocol",
          `${props.securityProtocol} is not to be had of MSK; choose SASL_SSL, SSL or PLAINTEXT`,
        ),
      ]
    : [];
}

function arnProblems({ sasl }: KafkaProps, cluster: MskCluster): readonly PropProblem[] {
  const given = sasl?.mechanism === "AWS_MSK_IAM" ? sasl.clusterArn : undefined;
  const arn = mskClusterArn(cluster);
  return given === undefined || given === arn || Token.isUnresolved(given) || Token.isUnresolved(arn)
    ? []
    : [{ prop: "sasl", message: `sasl.clusterArn ${given} contradicts mskCluster ${arn}; leave it out` }];
}
