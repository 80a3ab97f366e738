import { ConfigurationError } from "../../core/errors.ts";
import { parseBootstrapServer, type SecurityProtocol, serversToJudge } from "../../core/source/bootstrap-server.ts";

export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "AWS_MSK_IAM";

export interface SecurityValues {
  readonly securityProtocol?: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  readonly saslMechanism?: SaslMechanism;
  readonly saslSecret?: string;
  /** Kafka's own settings: what they say of the protocol and the mechanism is judged with them. */
  readonly kafkaParams?: object;
}

interface SecurityProblem {
  readonly path: keyof SecurityValues;
  readonly message: string;
}

/** What single values cannot say: how protocol, mechanism and secret belong together. */
export function securityProblems(values: SecurityValues): readonly SecurityProblem[] {
  const { securityProtocol, saslMechanism, saslSecret, kafkaParams } = values;
  if (securityProtocol === undefined) {
    const message = "it is not set, and neither is kafkaParams";
    return kafkaParams === undefined ? [{ path: "securityProtocol", message }] : [];
  }
  const isSasl = securityProtocol.startsWith("SASL_");
  if (isSasl !== (saslMechanism !== undefined)) {
    const message = isSasl ? `${securityProtocol} needs a mechanism` : `${securityProtocol} takes no mechanism`;
    return [{ path: "saslMechanism", message }];
  }
  if (saslMechanism === "AWS_MSK_IAM" && securityProtocol !== "SASL_SSL") {
    return [{ path: "securityProtocol", message: "AWS_MSK_IAM needs SASL_SSL" }];
  }
  const needsSecret = saslMechanism !== undefined && saslMechanism !== "AWS_MSK_IAM";
  if (needsSecret !== (saslSecret !== undefined)) {
    const message = needsSecret ? `${saslMechanism} needs a secret` : "only PLAIN and SCRAM take a secret";
    return [{ path: "saslSecret", message }];
  }
  return [];
}

/** What is wrong with one entry, which may be a list itself, or a place that CDK fills in when it deploys. */
export function serverProblem(entry: string, protocol?: SecurityProtocol): string | undefined {
  try {
    for (const server of serversToJudge(entry.split(",")).filter((one) => !one.includes("${Token["))) {
      parseBootstrapServer(server, protocol);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.message;
    }
    throw error;
  }
}
