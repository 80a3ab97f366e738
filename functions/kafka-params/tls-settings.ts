// TLS settings
//
// Kafka's ssl.* in PEM, as node:tls takes them. What cannot be kept exactly is
// refused: a connection must not be less safe than its settings say.

import type { X509Certificate } from "node:crypto";
import type { ConnectionOptions } from "node:tls";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { readCertificates, readPrivateKey } from "./pem.ts";
import { readPemFile } from "./pem-file.ts";

/** Throws ConfigurationError, without a key or a password in it. */
export function tlsOf(settings: KafkaParams): ConnectionOptions {
  const verification = settings.get("ssl.endpoint.identification.algorithm");
  if (verification !== undefined && !["", "HTTPS"].includes(verification.toUpperCase())) {
    throw new ConfigurationError(
      `ssl.endpoint.identification.algorithm ${quote(verification)} is not https, or empty to take a certificate for another host`,
    );
  }
  return {
    ...trustOf(settings),
    ...identityOf(settings),
    ...versionsOf(settings),
    ...(verification === "" ? { checkServerIdentity: () => undefined } : {}),
  };
}

/** Those of a file in PEM. Throws ConfigurationError. */
export function certificatesOf(setting: string, path: string): string {
  return toPem(readCertificates(readPemFile(setting, path)));
}

function trustOf(settings: KafkaParams): Pick<ConnectionOptions, "ca"> {
  requirePem(settings, "truststore");
  const certificates = inlineOrFile(settings, "ssl.truststore.certificates", "ssl.truststore.location");
  return certificates === undefined ? {} : { ca: toPem(readCertificates(certificates)) };
}

function identityOf(settings: KafkaParams): Pick<ConnectionOptions, "cert" | "key"> {
  requirePem(settings, "keystore");
  const chain = inlineOrFile(settings, "ssl.keystore.certificate.chain", "ssl.keystore.location");
  const key = inlineOrFile(settings, "ssl.keystore.key", "ssl.keystore.location");
  const password = settings.get("ssl.key.password");
  if (chain === undefined || key === undefined) {
    const missing = chain === undefined ? "ssl.keystore.certificate.chain" : "ssl.keystore.key";
    if (chain !== undefined || key !== undefined || password !== undefined) {
      throw new ConfigurationError(`a client's certificate needs its key and its chain: ${missing} is not given`);
    }
    return {};
  }
  const certificates = readCertificates(chain);
  const privateKey = readPrivateKey(key, password);
  if (certificates[0]?.checkPrivateKey(privateKey) !== true) {
    throw new ConfigurationError(
      `the private key in ${key.what} is not that of the first certificate in ${chain.what}`,
    );
  }
  return { cert: toPem(certificates), key: privateKey.export({ type: "pkcs8", format: "pem" }) };
}

/** Kafka's default is JKS; a file without a type is taken for PEM, and refused where it is not. */
function requirePem(settings: KafkaParams, store: "truststore" | "keystore"): void {
  const type = settings.get(`ssl.${store}.type`) ?? "PEM";
  if (type !== "PEM") {
    throw new ConfigurationError(`ssl.${store}.type ${quote(type)} cannot be read; convert it to PEM`);
  }
  if (settings.has(`ssl.${store}.password`)) {
    throw new ConfigurationError(
      `ssl.${store}.password cannot be used: PEM has none; convert the store, and remove it`,
    );
  }
}

function inlineOrFile(settings: KafkaParams, inline: string, location: string) {
  const text = settings.get(inline);
  const path = settings.get(location);
  if (text !== undefined && path !== undefined) {
    throw new ConfigurationError(`${inline} and ${location} cannot be combined`);
  }
  return path === undefined ? (text === undefined ? undefined : { what: inline, text }) : readPemFile(location, path);
}

function toPem(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join("");
}

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** ssl.protocol says what Java's library is asked for; the versions of a connection are ssl.enabled.protocols. */
function versionsOf(settings: KafkaParams): Pick<ConnectionOptions, "minVersion" | "maxVersion"> {
  const protocol = settings.get("ssl.protocol") ?? "TLS";
  if (protocol !== "TLS" && !VERSIONS.some((version) => version === protocol)) {
    throw new ConfigurationError(`ssl.protocol ${quote(protocol)} is not TLS, ${VERSIONS.join(" or ")}`);
  }
  const enabled = settings
    .get("ssl.enabled.protocols")
    ?.split(",")
    .map((version) => version.trim());
  if (enabled === undefined) {
    return {};
  }
  const versions = VERSIONS.filter((version) => enabled.includes(version));
  const [minVersion] = versions;
  const maxVersion = versions.at(-1);
  if (minVersion === undefined || maxVersion === undefined || new Set(enabled).size !== versions.length) {
    throw new ConfigurationError(
      `ssl.enabled.protocols ${quote(enabled.join(","))} is not a list of ${VERSIONS.join(" and ")}`,
    );
  }
  return { minVersion, maxVersion };
}
