// Kafka connection: how both functions enter Kafka, by what their environment says.

import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { CredentialsSource, EntrySource } from "../../shared/kafka/connection/kafka-options.ts";
import { MAX_RESPONSE_BYTES } from "../../shared/kafka/limits.ts";
import type { KafkaReaderOptions } from "../../shared/kafka/read/range-reader.ts";
import { createSignedTokenMaker } from "../../shared/msk-iam/signed-token.ts";
import { createTokenCredentials } from "../../shared/msk-iam/token-credentials.ts";
import type { ProcessorEnvironment } from "../../shared/wire/environment/function-environment.ts";
import type { FetchSettings } from "../../shared/wire/kafka-params/fetch-settings.ts";
import type { ParamsVariable } from "../../shared/wire/param-references/params-variable.ts";
import { awsAccessOf, KAFKA, SECRETS_MANAGER } from "../aws-access.ts";
import { KAFKAJS_MECHANISMS } from "../kafkajs-mechanisms.ts";

type KafkaEnvironment = Pick<
  ProcessorEnvironment,
  | "pipeline"
  | "clientId"
  | "consumerCacheMaxCapacity"
  | "bootstrapServers"
  | "securityProtocol"
  | "saslMechanism"
  | "saslSecret"
  | "kafkaParams"
>;

type KafkaConnection = Pick<
  KafkaReaderOptions,
  "clientId" | "bootstrapServers" | "consumerCacheMaxCapacity" | "ssl" | "sasl" | "entry" | keyof FetchSettings
>;

/**
 * Nothing is read or connected to before the first connection is opened. `note` is told then, in one line, what a secret
 * of settings says that is not used.
 */
export function kafkaConnectionOf(
  environment: KafkaEnvironment,
  role: "scheduler" | "processor",
  note: (line: string) => void,
): KafkaConnection {
  const { pipeline, clientId = `${pipeline}-${role}`, bootstrapServers, securityProtocol, kafkaParams } = environment;
  const { consumerCacheMaxCapacity } = environment;
  const sasl = credentialsOf(environment);
  if (kafkaParams !== undefined) {
    const entry = openEntry(kafkaParams, { ...environment, note, ...omitUndefined({ sasl }) });
    return {
      clientId,
      bootstrapServers,
      entry,
      ...fetchingOf(kafkaParams),
      ...omitUndefined({ consumerCacheMaxCapacity }),
    };
  }
  return {
    clientId,
    bootstrapServers,
    ssl: securityProtocol === "SSL" || securityProtocol === "SASL_SSL",
    ...omitUndefined({ consumerCacheMaxCapacity, sasl }),
  };
}

/** Its code is loaded, and the settings are read, when the first connection is opened. */
function openEntry(
  params: ParamsVariable,
  given: KafkaEnvironment & { readonly sasl?: CredentialsSource; readonly note: (line: string) => void },
): EntrySource {
  let source: Promise<EntrySource> | undefined;
  return async (question) => {
    // A bundle for a pipeline without such settings does not hold it (cdk/lib/bundle/unused-code.ts).
    source ??= import("../kafka-params/params-entry.ts").then(({ createParamsEntry }) =>
      createParamsEntry(params, given),
    );
    return (await source)(question);
  };
}

function fetchingOf({ fetching = {} }: ParamsVariable): FetchSettings {
  const { fetchMaxBytes } = fetching;
  return fetchMaxBytes === undefined
    ? fetching
    : { ...fetching, fetchMaxBytes: Math.min(fetchMaxBytes, MAX_RESPONSE_BYTES) };
}

function credentialsOf({ saslMechanism, saslSecret }: KafkaEnvironment): CredentialsSource | undefined {
  if (saslMechanism === "AWS_MSK_IAM") {
    return createTokenCredentials(createSignedTokenMaker(awsAccessOf(KAFKA)));
  }
  if (saslMechanism === undefined || saslSecret === undefined) {
    return undefined;
  }
  const mechanism = KAFKAJS_MECHANISMS[saslMechanism];
  let credentials: ReturnType<typeof openSecret> | undefined;
  return async (question) => {
    credentials ??= openSecret(saslSecret);
    const read = await credentials;
    return { mechanism, ...(await read(question)) };
  };
}

async function openSecret(secretId: string) {
  const { createSecretCredentials } = await import("../../shared/remote-values/secret-credentials.ts");
  return createSecretCredentials(awsAccessOf(SECRETS_MANAGER), secretId);
}
