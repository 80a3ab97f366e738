// Entry matrix
//
// The ways of entering a cluster that are tried by a command and by deployed functions alike,
// each on a real broker: the document's table and its test are made of this list.

import { readFileSync } from "node:fs";
import { pemOf, recorded, recordedStore } from "../key-stores/recorded-stores.ts";
import type { LocalValues } from "./local-values.ts";
import type { Settings } from "./secured-broker.ts";

/** Where the functions find what is secret, and the stores. */
export type Kept = "in the project" | "S3" | "Secrets Manager" | "Systems Manager" | "a whole secret";

export interface EntryRow {
  /** Of the broker's listeners. */
  readonly listener: string;
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  readonly mechanism?: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER" | "AWS_MSK_IAM";
  /** The recorded store of what is trusted, or PEM. */
  readonly truststore?: string;
  readonly keystore?: string;
  readonly kept: Kept;
}

export const PEM_FILE = "PEM in a file";
export const PEM_INLINE = "PEM in the settings";

const PLAINTEXT = { listener: "PLAINTEXT", protocol: "PLAINTEXT" } as const;
const TLS = { listener: "TLS", protocol: "SSL" } as const;
const MUTUAL = { listener: "MUTUAL", protocol: "SSL" } as const;

export const ENTRY_ROWS: readonly EntryRow[] = [
  { ...PLAINTEXT, kept: "in the project" },
  { ...TLS, truststore: "JKS trusting root", kept: "in the project" },
  { ...TLS, truststore: "PKCS12 trusting intermediate", kept: "S3" },
  { ...TLS, truststore: PEM_FILE, kept: "in the project" },
  { ...MUTUAL, truststore: "JKS trusting root", keystore: "keytool, JKS", kept: "S3" },
  { ...MUTUAL, truststore: "PKCS12 trusting root", keystore: "keytool, EC", kept: "in the project" },
  { ...MUTUAL, truststore: PEM_FILE, keystore: PEM_FILE, kept: "Secrets Manager" },
  { ...MUTUAL, truststore: PEM_INLINE, keystore: PEM_INLINE, kept: "Systems Manager" },
  { listener: "SASL", protocol: "SASL_PLAINTEXT", mechanism: "PLAIN", kept: "Secrets Manager" },
  { listener: "SASLTLS", protocol: "SASL_SSL", mechanism: "PLAIN", truststore: PEM_INLINE, kept: "Systems Manager" },
  { listener: "SCRAM", protocol: "SASL_PLAINTEXT", mechanism: "SCRAM-SHA-256", kept: "Systems Manager" },
  {
    ...{ listener: "SCRAMTLS", protocol: "SASL_SSL", mechanism: "SCRAM-SHA-256" },
    ...{ truststore: "JKS trusting root", kept: "S3" },
  },
  { listener: "SCRAM", protocol: "SASL_PLAINTEXT", mechanism: "SCRAM-SHA-512", kept: "a whole secret" },
  {
    ...{ listener: "SCRAMTLS", protocol: "SASL_SSL", mechanism: "SCRAM-SHA-512" },
    ...{ truststore: "PKCS12 trusting root", kept: "in the project" },
  },
  { listener: "OAUTH", protocol: "SASL_PLAINTEXT", mechanism: "OAUTHBEARER", kept: "Secrets Manager" },
  {
    ...{ listener: "OAUTHTLS", protocol: "SASL_SSL", mechanism: "OAUTHBEARER" },
    ...{ truststore: PEM_INLINE, kept: "a whole secret" },
  },
  { listener: "IAM", protocol: "SASL_SSL", mechanism: "AWS_MSK_IAM", truststore: PEM_INLINE, kept: "in the project" },
];

export function titleOf({ protocol, mechanism, truststore, keystore, kept }: EntryRow): string {
  const stores = [truststore, keystore].filter((one) => one !== undefined).join(" and ");
  return [protocol, mechanism ?? "", stores, `(${kept})`].filter((part) => part !== "").join(" ");
}

export interface Surroundings {
  readonly bootstrapServers: string;
  readonly user: { readonly name: string; readonly password: string };
  readonly tokenUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Writes a store or a file of PEM; its path. */
  readonly place: (title: string, content: Buffer) => string;
}

/** As a file for a command has them. */
export function settingsOf(row: EntryRow, surroundings: Surroundings): Settings {
  const { bootstrapServers } = surroundings;
  return {
    "bootstrap.servers": bootstrapServers,
    "security.protocol": row.protocol,
    ...loginOf(row, surroundings),
    ...(row.truststore === undefined ? {} : trusting(row.truststore, surroundings)),
    ...(row.keystore === undefined ? {} : being(row.keystore, surroundings)),
  };
}

const MODULES = { PLAIN: "plain.PlainLoginModule", OAUTHBEARER: "oauthbearer.OAuthBearerLoginModule" } as const;

function loginOf({ mechanism }: EntryRow, { user, client, tokenUrl }: Surroundings): Settings {
  switch (mechanism) {
    case undefined:
      return {};
    case "OAUTHBEARER":
      return {
        "sasl.mechanism": mechanism,
        "sasl.oauthbearer.token.endpoint.url": tokenUrl,
        "sasl.oauthbearer.client.credentials.client.id": client.id,
        "sasl.oauthbearer.client.credentials.client.secret": client.secret,
      };
    case "AWS_MSK_IAM":
      return {
        "sasl.mechanism": mechanism,
        "sasl.jaas.config": "software.amazon.msk.auth.iam.IAMLoginModule required;",
        "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
      };
    default: {
      const module = mechanism === "PLAIN" ? MODULES.PLAIN : "scram.ScramLoginModule";
      return {
        "sasl.mechanism": mechanism,
        "sasl.jaas.config": `org.apache.kafka.common.security.${module} required username="${user.name}" password="${user.password}";`,
      };
    }
  }
}

const onOneLine = (pem: string) => pem.trim().replaceAll("\n", " ");

function trusting(store: string, { place }: Surroundings): Settings {
  const pem = pemOf(["root"]);
  if (store === PEM_INLINE) {
    return { "ssl.truststore.type": "PEM", "ssl.truststore.certificates": onOneLine(pem) };
  }
  if (store === PEM_FILE) {
    return { "ssl.truststore.type": "PEM", "ssl.truststore.location": place("trusted.pem", Buffer.from(pem)) };
  }
  const { content, type, password = "" } = recordedStore(store);
  return {
    "ssl.truststore.type": type,
    "ssl.truststore.location": place(store, content),
    "ssl.truststore.password": password,
  };
}

function being(store: string, { place }: Surroundings): Settings {
  const key = recorded.keys["client"] ?? "";
  const chain = pemOf(["client", "intermediate"]);
  if (store === PEM_INLINE) {
    return {
      "ssl.keystore.type": "PEM",
      "ssl.keystore.key": onOneLine(key),
      "ssl.keystore.certificate.chain": onOneLine(chain),
    };
  }
  if (store === PEM_FILE) {
    return { "ssl.keystore.type": "PEM", "ssl.keystore.location": place("client.pem", Buffer.from(key + chain)) };
  }
  const { content, type, password = "", keyPassword } = recordedStore(store);
  return {
    "ssl.keystore.type": type,
    "ssl.keystore.location": place(store, content),
    "ssl.keystore.password": password,
    ...(keyPassword === undefined ? {} : { "ssl.key.password": keyPassword }),
  };
}

const PASSWORDS = /^ssl\.(?:keystore\.(?:password|key)|truststore\.password|key\.password)$|client\.secret$/;

/** The same with what is secret put where the functions find it, and referred to as Kafka's config providers are. */
export async function referring(settings: Settings, row: EntryRow, values: LocalValues): Promise<Settings> {
  const id = crypto.randomUUID();
  const fields: Record<string, string> = {};
  const keep = async (name: string, text: string): Promise<string> => {
    if (row.kept === "Systems Manager") {
      await values.putParameter(`/kafka/${id}/${name}`, text);
      return `\${ssm::/kafka/${id}/${name}}`;
    }
    fields[name] = text;
    return `\${secretsmanager:kafka-${id}:${name}}`;
  };
  const place = async (name: string, value: string): Promise<string> => {
    if (name.endsWith(".location")) {
      return keepStore(row, { name, path: value, id }, values);
    }
    const password = name === "sasl.jaas.config" ? /password="([^"]*)"/.exec(value)?.[1] : undefined;
    if (password !== undefined) {
      return value.replace(password, await keep("password", password));
    }
    return PASSWORDS.test(name) ? keep(name.replaceAll(".", "-"), value) : value;
  };
  const entries: [string, string][] = [];
  for (const [name, value] of Object.entries(settings)) {
    entries.push([name, await place(name, value)]);
  }
  if (Object.keys(fields).length > 0) {
    await values.putSecret(`kafka-${id}`, JSON.stringify(fields));
  }
  return Object.fromEntries(entries);
}

interface StoreFile {
  readonly name: string;
  readonly path: string;
  readonly id: string;
}

async function keepStore(row: EntryRow, { name, path, id }: StoreFile, values: LocalValues): Promise<string> {
  if (row.kept === "S3") {
    const key = `stores of ${id}/${name}`;
    return `s3://${await values.putObject(key, readFileSync(path))}/${key}`;
  }
  if (row.kept === "Secrets Manager") {
    await values.putSecret(`kafka-${id}-${name}`, readFileSync(path, "utf8"));
    return `\${secretsmanager:kafka-${id}-${name}}`;
  }
  return path;
}
