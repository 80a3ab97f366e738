export interface KafkaUser {
  readonly name: string;
  readonly password: string;
}

/** For server.properties: PLAIN with this user, and SCRAM, on the listener of this name. */
export function saslProperties(listener: string, { name, password }: KafkaUser): Readonly<Record<string, string>> {
  const prefix = `listener.name.${listener.toLowerCase()}`;
  const module = "org.apache.kafka.common.security";
  const scram = `${module}.scram.ScramLoginModule required;`;
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    [`${prefix}.plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required user_${name}="${password}";`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scram,
  };
}
