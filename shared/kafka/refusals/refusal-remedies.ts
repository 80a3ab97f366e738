// Refusal remedies
//
// What helps against an error code that no retry cures, by the code's name in
// org.apache.kafka.common.protocol.Errors.

import type { SettingNames } from "./setting-names.ts";

/** Who a connection is to the broker. */
export interface Principal {
  /** As Kafka's ACLs name it, `User:alice`. */
  readonly name: string;
  /** Whether it is a certificate's subject, which the broker may have rules for. */
  readonly isOfCertificate: boolean;
}

/** The ACL that a request needs. */
export interface NeededAcl {
  readonly operation: "Describe" | "Read" | "Write";
  readonly topic: string;
  /** Absent where only the broker knows. */
  readonly principal?: Principal | undefined;
}

/** The same permissions in a policy of MSK's IAM access control. */
const IAM_ACTIONS = {
  Describe: "kafka-cluster:DescribeTopic",
  Read: "kafka-cluster:ReadData",
  Write: "kafka-cluster:WriteData",
} as const;

const REMEDIES: Readonly<Record<string, string>> = {
  CLUSTER_AUTHORIZATION_FAILED: "this client's principal lacks an ACL on the cluster",
  UNSUPPORTED_VERSION: "Kafka 3.1 or later is needed",
};

export function remedyFor(name: string, acl: NeededAcl | undefined, names: SettingNames = {}): string {
  if (name === "TOPIC_AUTHORIZATION_FAILED" && acl !== undefined) {
    return missingAcl(acl);
  }
  const { protocol = "security.protocol", mechanism = "sasl.mechanism" } = names;
  if (name === "ILLEGAL_SASL_STATE") {
    return `the listener wants no SASL: set ${protocol} to PLAINTEXT or SSL and leave sasl.* out, or name the port of a listener with SASL`;
  }
  if (name === "UNSUPPORTED_SASL_MECHANISM") {
    return `the listener does not offer this ${mechanism}: take one of its sasl.enabled.mechanisms, or the port of another listener`;
  }
  return REMEDIES[name] ?? "check the permissions and the configuration";
}

function missingAcl({ operation, topic, principal }: NeededAcl): string {
  if (principal === undefined) {
    return `grant ${operation} on topic ${topic} to this client's principal (${IAM_ACTIONS[operation]} to its role, with MSK's IAM)`;
  }
  const unless = principal.isOfCertificate
    ? ", unless ssl.principal.mapping.rules of the broker name it otherwise"
    : "";
  return `grant ${operation} on topic ${topic} to ${principal.name}${unless}`;
}
