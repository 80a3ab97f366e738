// Secured broker
//
// One Kafka with a listener for each way of entering it, as its tests need them: TLS in one
// direction and in both, certificates with something wrong, users with passwords, and tokens.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KafkaBroker, startKafkaBroker } from "../../../functions/local/servers/kafka-broker.ts";
import { type KafkaUser, saslProperties } from "../../local/servers/kafka-users.ts";
import { compileTokenValidator, setTokenPolicy, tokenProperties } from "../java/token-validator.ts";
import { connectKafkaTopics } from "../kafka/kafka-topics.ts";
import { setScramPassword } from "../kafka/scram-password.ts";
import { placeStore, recordedStore } from "../key-stores/recorded-stores.ts";
import { issuerJvmOptions, issuerProperties, type TokenIssuer } from "../oidc/token-issuer.ts";

export type Settings = Readonly<Record<string, string>>;

export interface SecuredBroker {
  readonly folder: string;
  readonly broker: KafkaBroker;
  /** With one record in its only partition. */
  readonly topic: string;
  stop(): Promise<void>;
}

export interface SecuredBrokerOptions {
  /** With PLAIN on the listeners SASL and SASLTLS, and SCRAM on SCRAM and SCRAMTLS. */
  readonly user: KafkaUser;
  /** Of the tokens that the listeners OAUTH and OAUTHTLS take. @default - there are none */
  readonly issuer?: TokenIssuer;
  /** Whether the listener IAM takes signed tokens as MSK does. @default false */
  readonly takesSignedTokens?: boolean;
  /** Whether somebody who is named needs ACLs. @default false */
  readonly hasAcls?: boolean;
}

/** The settings of a recorded store that is written into the folder. */
export async function storeSettings(folder: string, what: "truststore" | "keystore", title: string): Promise<Settings> {
  return {
    [`ssl.${what}.location`]: await placeStore(folder, title),
    [`ssl.${what}.type`]: recordedStore(title).type,
    [`ssl.${what}.password`]: recordedStore(title).password ?? "",
  };
}

export async function startSecuredBroker(options: SecuredBrokerOptions): Promise<SecuredBroker> {
  const { user, issuer, takesSignedTokens = false, hasAcls } = options;
  const folder = await mkdtemp(join(tmpdir(), "secured-broker-"));
  const classFolder = join(folder, "classes");
  if (takesSignedTokens) {
    await mkdir(classFolder);
    await compileTokenValidator(classFolder);
  }
  const broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    ...(takesSignedTokens ? { classFolder } : {}),
    listeners: [
      ...["TLS", "MUTUAL", "ELSEWHERE", "EXPIRED"].map((name) => ({ name, protocol: "SSL" }) as const),
      ...["SASL", "SCRAM"].map((name) => ({ name, protocol: "SASL_PLAINTEXT" }) as const),
      ...["SASLTLS", "SCRAMTLS"].map((name) => ({ name, protocol: "SASL_SSL" }) as const),
      ...(takesSignedTokens ? [{ name: "IAM", protocol: "SASL_SSL" } as const] : []),
      ...(issuer === undefined
        ? []
        : ([
            { name: "OAUTH", protocol: "SASL_PLAINTEXT" },
            { name: "OAUTHTLS", protocol: "SASL_SSL" },
          ] as const)),
    ],
    properties: {
      ...(await storeSettings(folder, "keystore", "broker, broker")),
      ...onListener("elsewhere", await storeSettings(folder, "keystore", "broker, elsewhere")),
      ...onListener("expired", await storeSettings(folder, "keystore", "broker, expired")),
      ...onListener("mutual", await storeSettings(folder, "truststore", "JKS trusting root")),
      "listener.name.mutual.ssl.client.auth": "required",
      ...userProperties(user),
      ...(issuer === undefined
        ? {}
        : { ...issuerProperties("OAUTH", issuer), ...issuerProperties("OAUTHTLS", issuer), ...ENDING_SESSIONS }),
      ...(takesSignedTokens ? tokenProperties("IAM") : {}),
      ...(hasAcls === true
        ? {
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
          }
        : {}),
    },
    ...(issuer === undefined ? {} : { jvmOptions: issuerJvmOptions(issuer) }),
  });
  if (takesSignedTokens) {
    await setTokenPolicy(join(folder, "kafka"), "accept");
  }
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  const topic = await topics.create();
  await topics.produce(topic, [{ value: "one" }]);
  await topics.close();
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    await setScramPassword(broker.bootstrapServers, { ...user, mechanism });
  }
  const stop = async () => {
    await broker.kill();
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, broker, topic, stop };
}

/** Sessions last as long as their tokens. */
const ENDING_SESSIONS = { "listener.name.oauth.oauthbearer.connections.max.reauth.ms": "3600000" };

function onListener(listener: string, settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`listener.name.${listener}.${name}`, value]),
  );
}

function userProperties(user: KafkaUser): Settings {
  return {
    ...Object.assign({}, ...["SASL", "SASLTLS", "SCRAM", "SCRAMTLS"].map((name) => saslProperties(name, user))),
    "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN",
  };
}
