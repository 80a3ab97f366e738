// Store settings
//
// Kafka's ssl.truststore.* and ssl.keystore.*: certificates and keys in a file of any
// type that Java's clients take, or in PEM within the settings themselves.

import type { X509Certificate } from "node:crypto";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { readCertificates, readPrivateKey } from "../../shared/key-stores/pem.ts";
import {
  formatOf,
  type Identity,
  readIdentity,
  readTrusted,
  type StoreRequest,
} from "../../shared/key-stores/read-store.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";

type Store = "truststore" | "keystore";

/** The content of a store, by Kafka's name of the setting that says where it is; `what` calls it in a problem. */
export type ReadStore = (setting: string, location: string, what: string) => Buffer;

/** What is trusted, in PEM; undefined where the settings leave it to the system. Throws ConfigurationError. */
export async function trustedOf(params: KafkaParams, readStore: ReadStore): Promise<string | undefined> {
  const inline = inlineOf(params, "truststore", "ssl.truststore.certificates");
  if (inline !== undefined) {
    return toPem(readCertificates(inline));
  }
  const store = fileOf(params, "truststore", readStore);
  if (store === undefined) {
    return undefined;
  }
  return toPem(formatOf(store) === "PEM" ? readCertificates(textOf(store)) : await readTrusted(store));
}

/** The client's certificate and its key; undefined where there is none. Throws ConfigurationError. */
export async function identityOf(params: KafkaParams, readStore: ReadStore): Promise<Identity | undefined> {
  const chain = inlineOf(params, "keystore", "ssl.keystore.certificate.chain");
  const key = inlineOf(params, "keystore", "ssl.keystore.key");
  if (chain !== undefined && key !== undefined) {
    return pemIdentity(params, chain, key);
  }
  const store = chain === undefined && key === undefined ? fileOf(params, "keystore", readStore) : undefined;
  if (store !== undefined) {
    return formatOf(store) === "PEM" ? pemIdentity(params, textOf(store), textOf(store)) : readIdentity(store);
  }
  if (chain !== undefined || key !== undefined || params.has("ssl.key.password")) {
    const missing = chain === undefined ? "ssl.keystore.certificate.chain" : "ssl.keystore.key";
    throw new ConfigurationError(`a client's certificate needs its key and its chain: ${missing} is not given`);
  }
  return undefined;
}

interface Inline {
  readonly what: string;
  readonly text: string;
}

function pemIdentity(params: KafkaParams, chain: Inline, key: Inline): Identity {
  const certificates = readCertificates(chain);
  const privateKey = readPrivateKey(key, passwordOf(params, "ssl.key.password"));
  if (certificates[0]?.checkPrivateKey(privateKey) !== true) {
    throw new ConfigurationError(
      `the private key in ${key.what} is not that of the first certificate in ${chain.what}`,
    );
  }
  return { cert: toPem(certificates), key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** PEM in the settings themselves: Kafka takes it with that type only, and with no password. */
function inlineOf(params: KafkaParams, store: Store, name: string): Inline | undefined {
  const text = params.get(name);
  if (text === undefined) {
    return undefined;
  }
  const type = `ssl.${store}.type`;
  const location = `ssl.${store}.location`;
  if (params.has(location)) {
    throw new ConfigurationError(`${params.called(name)} and ${params.called(location)} cannot be combined`);
  }
  if ((params.get(type) ?? "PEM").toUpperCase() !== "PEM") {
    throw new ConfigurationError(
      `${params.called(name)} is PEM, and ${params.called(type)} says ${quote(params.get(type))}: set it to PEM`,
    );
  }
  refusePassword(params, store);
  return { what: params.called(name), text };
}

function fileOf(params: KafkaParams, store: Store, readStore: ReadStore): StoreRequest | undefined {
  const name = `ssl.${store}.location`;
  const path = params.get(name);
  const password = passwordOf(params, `ssl.${store}.password`);
  if (path === undefined) {
    if (password.value !== undefined) {
      throw new ConfigurationError(`${password.name} is of a store that is not given: give ${name}, or remove it`);
    }
    return undefined;
  }
  const type = `ssl.${store}.type`;
  const what = `${params.called(name)} ${quote(path)}`;
  const request = {
    what,
    content: readStore(name, path, what),
    type: { name: params.called(type), value: params.get(type) },
    password,
    keyPassword: store === "keystore" ? passwordOf(params, "ssl.key.password") : { ...password, value: undefined },
  };
  if (formatOf(request) === "PEM") {
    refusePassword(params, store);
  }
  return request;
}

function refusePassword(params: KafkaParams, store: Store): void {
  const { name, value } = passwordOf(params, `ssl.${store}.password`);
  if (value !== undefined) {
    throw new ConfigurationError(`${name} cannot be used: PEM has none; remove it`);
  }
}

function passwordOf(params: KafkaParams, name: string): StoreRequest["password"] {
  return { name: params.called(name), value: params.get(name) };
}

function textOf({ what, content }: Pick<StoreRequest, "what" | "content">): Inline {
  return { what, text: content.toString("utf8") };
}

function toPem(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join("");
}
