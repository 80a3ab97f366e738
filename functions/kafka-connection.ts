// Kafka connection: how both functions enter Kafka, by what their environment says.

import { omitUndefined } from "../shared/core/omit-undefined.ts";
import type { CredentialsSource, KafkaOptions } from "../shared/kafka/connection/kafka-options.ts";
import { createSignedTokenMaker } from "../shared/msk-iam/signed-token.ts";
import { createTokenCredentials } from "../shared/msk-iam/token-credentials.ts";
import type { ProcessorEnvironment } from "../shared/wire/environment/function-environment.ts";
import { awsAccessOf, KAFKA, SECRETS_MANAGER } from "./aws-access.ts";

type KafkaEnvironment = Pick<
  ProcessorEnvironment,
  "pipeline" | "clientId" | "bootstrapServers" | "securityProtocol" | "saslMechanism" | "saslSecret"
>;

/** Nothing is read or connected to before the first connection is opened. */
export function kafkaConnectionOf(
  environment: KafkaEnvironment,
  role: "scheduler" | "processor",
): Pick<KafkaOptions, "clientId" | "bootstrapServers" | "ssl" | "sasl"> {
  const { pipeline, clientId = `${pipeline}-${role}`, bootstrapServers, securityProtocol } = environment;
  const sasl = credentialsOf(environment);
  return {
    clientId,
    bootstrapServers,
    ssl: securityProtocol === "SSL" || securityProtocol === "SASL_SSL",
    ...omitUndefined({ sasl }),
  };
}

function credentialsOf({ saslMechanism, saslSecret }: KafkaEnvironment): CredentialsSource | undefined {
  if (saslMechanism === "AWS_MSK_IAM") {
    return createTokenCredentials(createSignedTokenMaker(awsAccessOf(KAFKA)));
  }
  if (saslMechanism === undefined || saslSecret === undefined) {
    return undefined;
  }
  const mechanism = kafkajsMechanisms[saslMechanism];
  let credentials: ReturnType<typeof openSecret> | undefined;
  return async (question) => {
    credentials ??= openSecret(saslSecret);
    const read = await credentials;
    return { mechanism, ...(await read(question)) };
  };
}

async function openSecret(secretId: string) {
  const { createSecretCredentials } = await import("../shared/secrets-manager/secret-credentials.ts");
  return createSecretCredentials(awsAccessOf(SECRETS_MANAGER), secretId);
}

/** As kafkajs spells Kafka's names. */
const kafkajsMechanisms = {
  PLAIN: "plain",
  "SCRAM-SHA-256": "scram-sha-256",
  "SCRAM-SHA-512": "scram-sha-512",
} as const;
