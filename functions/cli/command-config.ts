// Command config
//
// Kafka's client properties, as its own tools take them in a file and Spark users
// have them at hand (`kafka.` in front or not). What contradicts reading an exact
// range is refused, as Spark refuses it, and so is what would be ignored.

import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { SASLOptions } from "kafkajs";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type { KafkaOptions } from "../../shared/kafka/kafka-options.ts";
import { createTokenCredentials } from "../../shared/msk-iam/token-credentials.ts";
import { parseJavaProperties } from "../../shared/wire/java-properties.ts";
import { readRegion } from "../config.ts";

/** What a file may say; each key at most once. */
const KNOWN = [
  "security.protocol",
  "sasl.mechanism",
  "sasl.jaas.config",
  "ssl.truststore.type",
  "ssl.truststore.location",
  "ssl.truststore.certificates",
  "ssl.keystore.type",
  "ssl.keystore.certificate.chain",
  "ssl.keystore.key",
  "ssl.key.password",
  "ssl.endpoint.identification.algorithm",
  "client.id",
  "client.rack",
] as const;

/** As Spark's Kafka source refuses them, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  "auto.offset.reset": "a range says where it begins, and is never reset",
  "enable.auto.commit": "no consumer group is used, and nothing is committed",
  "key.deserializer": "keys are printed as they are stored",
  "value.deserializer": "values are printed as they are stored",
  "interceptor.classes": "nothing may stand between the log and its reader",
  "group.id": "no consumer group is used",
  "isolation.level": "use --isolation-level",
  "bootstrap.servers": "use --bootstrap-servers",
};

/** Kafka's own names, and kafkajs's. */
const PASSWORD_MECHANISMS: Readonly<Record<string, "plain" | "scram-sha-256" | "scram-sha-512">> = {
  PLAIN: "plain",
  "SCRAM-SHA-256": "scram-sha-256",
  "SCRAM-SHA-512": "scram-sha-512",
};

export interface CommandConfig extends Partial<Pick<KafkaOptions, "clientId" | "ssl" | "sasl">> {
  readonly rackId?: string;
}

type Properties = ReadonlyMap<string, string>;

/** Throws ConfigurationError that lists every problem, without a password in it. */
export function readCommandConfig(path: string): CommandConfig {
  const text = readText("--command-config", path);
  const properties = new Map(
    [...parseJavaProperties(text)].map(([key, value]) => [key.replace(/^kafka\./, ""), value]),
  );
  const problems = [...properties.keys()].flatMap((key) => {
    const why = REFUSED[key];
    if (why !== undefined) {
      return [`${key} is refused: ${why}`];
    }
    return KNOWN.some((known) => known === key) ? [] : [`${key} is not understood; remove it`];
  });
  if (problems.length > 0) {
    throw new ConfigurationError(`${path}: ${problems.join("; ")} (understood are ${KNOWN.join(", ")})`);
  }
  return configOf(properties, path);
}

function configOf(properties: Properties, path: string): CommandConfig {
  const protocol = properties.get("security.protocol") ?? "PLAINTEXT";
  if (!["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"].includes(protocol)) {
    throw new ConfigurationError(
      `${path}: security.protocol ${JSON.stringify(protocol)} is not PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL`,
    );
  }
  const clientId = properties.get("client.id");
  const rackId = properties.get("client.rack");
  return {
    ssl: protocol.endsWith("SSL") ? tlsOf(properties, path) : false,
    ...(protocol.startsWith("SASL_") ? { sasl: saslOf(properties, path) } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    ...(rackId === undefined ? {} : { rackId }),
  };
}

function tlsOf(properties: Properties, path: string): ConnectionOptions {
  for (const store of ["truststore", "keystore"]) {
    const type = properties.get(`ssl.${store}.type`) ?? "PEM";
    if (type !== "PEM") {
      throw new ConfigurationError(`${path}: ssl.${store}.type ${type} cannot be read; convert it to PEM`);
    }
  }
  const location = properties.get("ssl.truststore.location");
  const ca =
    location === undefined
      ? properties.get("ssl.truststore.certificates")
      : readText("ssl.truststore.location", location);
  const cert = properties.get("ssl.keystore.certificate.chain");
  const key = properties.get("ssl.keystore.key");
  const passphrase = properties.get("ssl.key.password");
  const isUnnamed = properties.get("ssl.endpoint.identification.algorithm") === "";
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    // As in Kafka, an empty algorithm takes a certificate for another host.
    ...(isUnnamed ? { checkServerIdentity: () => undefined } : {}),
  };
}

function saslOf(properties: Properties, path: string): NonNullable<KafkaOptions["sasl"]> {
  const name = properties.get("sasl.mechanism") ?? "";
  if (name === "AWS_MSK_IAM") {
    return createTokenCredentials(readRegion());
  }
  const mechanism = PASSWORD_MECHANISMS[name];
  if (mechanism === undefined) {
    throw new ConfigurationError(
      `${path}: sasl.mechanism ${JSON.stringify(name)} is not ${Object.keys(PASSWORD_MECHANISMS).join(", ")} or AWS_MSK_IAM`,
    );
  }
  const jaas = properties.get("sasl.jaas.config") ?? "";
  const username = jaasOption(jaas, "username");
  const password = jaasOption(jaas, "password");
  if (username === undefined || password === undefined) {
    throw new ConfigurationError(
      `${path}: sasl.jaas.config names no username and password; expected … required username="…" password="…";`,
    );
  }
  const credentials: SASLOptions = { mechanism, username, password };
  return credentials;
}

/** `… required username="alice" password="…";`, the value quoted or not. */
function jaasOption(jaas: string, name: string): string | undefined {
  const [, quoted, plain] =
    new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"((?:\\\\.|[^"\\\\])*)"|([^\\s;"]+))`).exec(jaas) ?? [];
  return quoted?.replace(/\\(.)/g, "$1") ?? plain;
}

function readText(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigurationError(`${what} ${JSON.stringify(path)} cannot be read: ${String(cause)}`, { cause });
  }
}
