export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "AWS_MSK_IAM";

export interface SecurityValues {
  readonly securityProtocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  readonly saslMechanism?: SaslMechanism;
  readonly saslSecret?: string;
}

interface SecurityProblem {
  readonly path: keyof SecurityValues;
  readonly message: string;
}

/** What single values cannot say: how protocol, mechanism and secret belong together. */
export function securityProblems(values: SecurityValues): readonly SecurityProblem[] {
  const { securityProtocol, saslMechanism, saslSecret } = values;
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
