// Wrong matrix
//
// Deployed pipelines of which each has one thing wrong for a while: what a secret keeps, what
// stands at the brokers' address, or an ACL. A proxy at that address counts who comes.

import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { type AclEntry, AclOperationTypes, type Admin } from "kafkajs";
import { type KafkaProxy, startKafkaProxy } from "../kafka/kafka-proxy.ts";
import { topicAcl } from "../kafka/topic-acl.ts";
import { pemOf, placeStore } from "../key-stores/recorded-stores.ts";
import { waitUntil } from "../wait-until.ts";
import type { EntryProps } from "./deployed-pipelines.ts";
import type { LocalValues } from "./local-values.ts";
import type { SecuredBroker, Settings } from "./secured-broker.ts";
import type { WrongTitle } from "./wrong-settings.ts";

export interface WrongRow {
  readonly what: WrongTitle;
  /** Where the brokers' address leads. */
  readonly listener: string;
  /** Where it leads meanwhile. @default the same */
  readonly wrongListener?: string;
  readonly settings: Settings;
  /** By setting, a recorded store in the project. @default none */
  readonly stores?: Settings;
  /** By setting, what a secret keeps: at first and in the end, and meanwhile. @default none */
  readonly secret?: Readonly<Record<string, readonly [right: string, wrong: string]>>;
  /** Whether one secret holds all of it. @default false */
  readonly isWhole?: true;
  /** What the user may not do meanwhile. @default neither */
  readonly lacks?: "DESCRIBE" | "READ";
}

const jaas = (module: string, password: string) =>
  `org.apache.kafka.common.security.${module} required username="alice" password="${password}";`;
const PASSWORD = "PLANTED-alice";

const SSL = { "security.protocol": "SSL" };
const TRUSTING = {
  settings: { ...SSL, "ssl.truststore.type": "JKS" },
  stores: { "ssl.truststore.location": "JKS trusting root" },
  secret: { "ssl.truststore.password": ["store-secret", "store-secret"] },
} as const;
const PLAIN = {
  settings: { "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN" },
  secret: { "sasl.jaas.config": [jaas("plain.PlainLoginModule", PASSWORD), jaas("plain.PlainLoginModule", PASSWORD)] },
} as const;

export const WRONG_ROWS: readonly WrongRow[] = [
  {
    what: "another authority in the truststore",
    listener: "TLS",
    settings: { ...SSL, "ssl.truststore.type": "PEM" },
    secret: { "ssl.truststore.location": [pemOf(["root"]), pemOf(["stranger"])] },
  },
  {
    ...{ what: "a broker's certificate for another host", listener: "TLS", wrongListener: "ELSEWHERE" },
    ...TRUSTING,
    settings: { ...TRUSTING.settings, "ssl.endpoint.identification.algorithm": "https" },
  },
  { what: "a broker's certificate that has expired", listener: "TLS", wrongListener: "EXPIRED", ...TRUSTING },
  {
    ...{ what: "a wrong password of the truststore", listener: "TLS" },
    ...TRUSTING,
    secret: { "ssl.truststore.password": ["store-secret", "PLANTED"] },
  },
  {
    ...{ what: "a wrong password of the key", listener: "MUTUAL", settings: TRUSTING.settings },
    stores: { ...TRUSTING.stores, "ssl.keystore.location": "keytool, JKS of EC, key password apart" },
    secret: {
      ...TRUSTING.secret,
      "ssl.keystore.password": ["store-secret", "store-secret"],
      "ssl.key.password": ["key-secret", "PLANTED"],
    },
  },
  {
    ...{ what: "a wrong password", listener: "SASL", settings: PLAIN.settings },
    secret: {
      "sasl.jaas.config": [jaas("plain.PlainLoginModule", PASSWORD), jaas("plain.PlainLoginModule", "PLANTED")],
    },
  },
  {
    ...{ what: "a mechanism that nobody has", listener: "SCRAM", isWhole: true },
    settings: { "security.protocol": "SASL_PLAINTEXT" },
    secret: {
      "sasl.jaas.config": [jaas("scram.ScramLoginModule", PASSWORD), jaas("scram.ScramLoginModule", PASSWORD)],
      "sasl.mechanism": ["SCRAM-SHA-256", "SCRAM-SHA-1"],
    },
  },
  {
    ...{ what: "a mechanism that the listener does not offer", listener: "SCRAM", wrongListener: "SASL" },
    settings: { "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512" },
    secret: {
      "sasl.jaas.config": [jaas("scram.ScramLoginModule", PASSWORD), jaas("scram.ScramLoginModule", PASSWORD)],
    },
  },
  { what: "no TLS to a listener with TLS", listener: "SASL", wrongListener: "SASLTLS", ...PLAIN },
  {
    ...{ what: "TLS to a listener without TLS", listener: "SASLTLS", wrongListener: "SASL" },
    settings: { ...TRUSTING.settings, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN" },
    stores: TRUSTING.stores,
    secret: { ...TRUSTING.secret, ...PLAIN.secret },
  },
  { what: "a user without Describe", listener: "SASL", lacks: "DESCRIBE", ...PLAIN },
  { what: "a user without Read", listener: "SASL", lacks: "READ", ...PLAIN },
];

export interface WrongPipeline {
  readonly props: EntryProps;
  readonly topic: string;
  readonly proxy: KafkaProxy;
  /** What is wrong becomes so, or is mended. */
  set(state: "right" | "wrong"): Promise<void>;
}

interface Around {
  readonly secured: SecuredBroker;
  readonly values: LocalValues;
  readonly admin: Admin;
  /** Of one record. */
  readonly topic: string;
}

/** In the right state. */
export async function openWrongPipeline(
  row: WrongRow,
  { secured, values, admin, topic }: Around,
): Promise<WrongPipeline> {
  const { listener, wrongListener = listener, secret = {}, lacks } = row;
  const proxy = await startKafkaProxy();
  const name = `wrong-${crypto.randomUUID()}`;
  const textOf = (state: "right" | "wrong") => secretText(row, state);
  await values.putSecret(name, textOf("right"));
  const set = async (state: "right" | "wrong") => {
    const isRight = state === "right";
    proxy.forwardTo(secured.broker.addresses[isRight ? listener : wrongListener] ?? "");
    if (Object.values(secret).some(([right, wrong]) => right !== wrong)) {
      await values.changeSecret(name, textOf(state));
    }
    await setAcls(admin, topic, isRight ? undefined : lacks);
  };
  await set("right");
  const servers = { "kafka.bootstrap.servers": proxy.address };
  if (row.isWhole === true) {
    const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;
    const kafkaParamsSecret: EntryProps["kafkaParamsSecret"] = (stack) => Secret.fromSecretPartialArn(stack, name, arn);
    return { props: { topics: [topic], kafkaParams: servers, kafkaParamsSecret }, topic, proxy, set };
  }
  const kafkaParams: Record<string, string> = { ...servers, ...prefixed(row.settings) };
  for (const [setting, title] of Object.entries(row.stores ?? {})) {
    kafkaParams[`kafka.${setting}`] = await placeStore(secured.folder, title);
  }
  for (const setting of Object.keys(secret)) {
    kafkaParams[`kafka.${setting}`] = `\${secretsmanager:${name}:${setting}}`;
  }
  return { props: { topics: [topic], kafkaParams }, topic, proxy, set };
}

function secretText({ settings, secret = {}, isWhole }: WrongRow, state: "right" | "wrong"): string {
  const kept = Object.entries(secret).map(([setting, [right, wrong]]) => [setting, state === "right" ? right : wrong]);
  const fields: Settings = Object.fromEntries(kept);
  return JSON.stringify(isWhole === true ? prefixed({ ...settings, ...fields }) : fields);
}

function prefixed(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`kafka.${name}`, value]));
}

/** Whoever comes may read the topic, but for what is lacking; Read is to describe, too. Waits until the broker goes by it. */
async function setAcls(admin: Admin, topic: string, lacks: WrongRow["lacks"]): Promise<void> {
  const entries = [AclOperationTypes.READ, AclOperationTypes.DESCRIBE].map((one) => topicAcl("*", topic, one));
  const gone = lacks === undefined ? [] : entries.slice(0, lacks === "READ" ? 1 : 2);
  await (gone.length === 0 ? admin.createAcls({ acl: entries }) : admin.deleteAcls({ filters: gone }));
  const isInForce = async (entry: AclEntry) => {
    const { resources } = await admin.describeAcls(entry);
    return resources.length === (gone.includes(entry) ? 0 : 1);
  };
  const inForce = async () => (await Promise.all(entries.map(isInForce))).every(Boolean);
  await waitUntil(`the ACLs of ${topic} are in force`, inForce, ACL_DEADLINE_MS);
}

const ACL_DEADLINE_MS = 10_000;
