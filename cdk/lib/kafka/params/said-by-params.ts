// Said by params
//
// What Kafka's settings say of facts that a pipeline has props for. Either may say them, or
// both the same.

import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { listNames } from "../../../../shared/core/bounded-text.ts";
import { SECURITY_PROTOCOLS, type SecurityProtocol } from "../../../../shared/core/source/bootstrap-server.ts";
import { parseJaasConfig } from "../../../../shared/wire/java/jaas-config.ts";
import type { KafkaParams } from "../../../../shared/wire/kafka-params/kafka-params.ts";
import { readOffsetReset } from "../../../../shared/wire/kafka-params/offset-reset.ts";
import { loginOf } from "../../../../shared/wire/login/login.ts";
import { saysIdentity } from "../../../../shared/wire/login/login-options.ts";
import { isWord } from "../../props/starting-offsets.ts";
import { messageOf } from "./given-params.ts";
import type { KafkaParamValues } from "./param-values.ts";

/** Who the functions are, by a prop. */
interface SaslBeside {
  readonly mechanism: string;
}

/** The props that Kafka's settings have to do with. */
export interface PropsBeside {
  readonly kafkaParams?: KafkaParamValues;
  readonly kafkaParamsSecret?: ISecret;
  readonly bootstrapServers?: readonly string[];
  readonly mskCluster?: unknown;
  readonly clientId?: string;
  readonly rackId?: string;
  readonly isolationLevel?: "read_committed" | "read_uncommitted";
  readonly securityProtocol?: SecurityProtocol;
  readonly sasl?: SaslBeside;
  readonly startingOffsets?: unknown;
  readonly startingTimestamp?: unknown;
  readonly startingOffsetsByTimestamp?: unknown;
}

interface Said {
  readonly said: {
    readonly bootstrapServers?: readonly string[];
    readonly clientId?: string;
    readonly rackId?: string;
    readonly isolationLevel?: "read_committed" | "read_uncommitted";
    readonly securityProtocol?: SecurityProtocol;
    readonly startingOffsets?: "earliest" | "latest";
  };
  readonly effective: {
    readonly securityProtocol: SecurityProtocol | undefined;
    readonly sasl: SaslBeside | undefined;
  };
  readonly problems: readonly string[];
}

export function saidByParams(params: KafkaParams, props: PropsBeside): Said {
  const { securityProtocol, sasl } = props;
  const start = startOf(params, props);
  const protocol = params.get("security.protocol")?.toUpperCase();
  const mechanism = params.get("sasl.mechanism");
  const contradicted = (name: string, prop: string, theirs: string | undefined, ours: string | undefined) =>
    theirs !== undefined && theirs !== "" && ours !== undefined && theirs !== ours
      ? [`${params.called(name)} is ${theirs}, and the prop ${prop} says ${ours}: leave one of them out`]
      : [];
  return {
    said: {
      ...serversSaid(params, props),
      ...(props.clientId === undefined && params.get("client.id") ? { clientId: params.get("client.id") ?? "" } : {}),
      ...(props.rackId === undefined && params.get("client.rack") ? { rackId: params.get("client.rack") ?? "" } : {}),
      ...isolationSaid(params, props),
      ...protocolSaid(params, props),
      ...(start.said === undefined ? {} : { startingOffsets: start.said }),
    },
    effective: { securityProtocol: securityProtocol ?? (sasl === undefined ? undefined : "SASL_SSL"), sasl },
    problems: [
      ...contradicted("client.id", "clientId", params.get("client.id"), props.clientId),
      ...contradicted("client.rack", "rackId", params.get("client.rack"), props.rackId),
      ...contradicted("security.protocol", "securityProtocol", protocol, securityProtocol),
      ...contradicted("sasl.mechanism", "sasl.mechanism", mechanism, sasl?.mechanism),
      ...loginProblems(params, sasl),
      ...start.problems,
    ],
  };
}

function serversSaid(params: KafkaParams, { bootstrapServers }: PropsBeside): Said["said"] {
  const servers = params.get("bootstrap.servers") ?? "";
  return bootstrapServers !== undefined || servers === ""
    ? {}
    : {
        bootstrapServers: servers
          .split(",")
          .map((server) => server.trim())
          .filter((server) => server !== ""),
      };
}

function isolationSaid(params: KafkaParams, props: PropsBeside): Said["said"] {
  const level = params.get("isolation.level");
  return props.isolationLevel === undefined && (level === "read_committed" || level === "read_uncommitted")
    ? { isolationLevel: level }
    : {};
}

function protocolSaid(params: KafkaParams, { securityProtocol }: PropsBeside): Said["said"] {
  const named = params.get("security.protocol")?.toUpperCase();
  const protocol = SECURITY_PROTOCOLS.find((one) => one === named);
  return securityProtocol !== undefined || protocol === undefined ? {} : { securityProtocol: protocol };
}

/** Who the functions are is said once: by a prop, with its grants, or by settings. */
function loginProblems(params: KafkaParams, sasl: SaslBeside | undefined): readonly string[] {
  if (sasl === undefined) {
    return [];
  }
  const own =
    sasl.mechanism === "AWS_MSK_IAM"
      ? ["sasl.mechanism", "sasl.jaas.config", "sasl.client.callback.handler.class"]
      : ["sasl.mechanism"];
  const others = params.names().filter((name) => name.startsWith("sasl.") && !own.includes(name));
  const names = others.map((name) => params.called(name)).join(", ");
  return others.length === 0
    ? signerProblems(params)
    : [`${names} and the prop sasl both say who the functions are: leave one of them out`];
}

/** A role or a profile that is given for MSK's IAM would be signed with by nobody. */
function signerProblems(params: KafkaParams): readonly string[] {
  const jaas = params.get("sasl.jaas.config");
  if (jaas === undefined) {
    return [];
  }
  try {
    const foreign = parseJaasConfig(jaas).flatMap(({ options }) => [...options.keys()].filter(saysIdentity));
    if (foreign.length > 0) {
      return [
        `${listNames(foreign)} of ${params.called("sasl.jaas.config")} is not taken: with AWS_MSK_IAM the functions sign with their own roles`,
      ];
    }
    if (params.has("sasl.mechanism")) {
      loginOf(params);
    }
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

interface Start {
  readonly said?: "earliest" | "latest";
  readonly problems: readonly string[];
}

/** As in Spark, where what nobody has read yet begins. */
function startOf(params: KafkaParams, props: PropsBeside): Start {
  const reset = readOffsetReset(params.get("auto.offset.reset") ?? "");
  const { startingOffsets, startingTimestamp, startingOffsetsByTimestamp } = props;
  const called = params.called("auto.offset.reset");
  const isGiven = [startingOffsets, startingTimestamp, startingOffsetsByTimestamp].some((one) => one !== undefined);
  switch (reset?.kind) {
    case undefined:
      return { problems: [] };
    case "earliest":
    case "latest":
      if (isWord(startingOffsets) && startingOffsets !== reset.kind) {
        return {
          problems: [
            `${called} is ${reset.kind}, and the prop startingOffsets says ${startingOffsets}: leave one of them out`,
          ],
        };
      }
      return { problems: [], ...(isGiven ? {} : { said: reset.kind }) };
    case "none":
      return {
        problems: isGiven
          ? []
          : [`${called} is none, so that a start has to be given: add startingOffsets or startingTimestamp`],
      };
    case "duration":
      return {
        problems: isGiven ? [] : [`${called} counts back from each deployment: give startingTimestamp in its place`],
      };
  }
}
