// TLS settings
//
// Kafka's ssl.* as node:tls takes them. What cannot be kept exactly is refused: a
// connection must not be less safe than its settings say.

import type { ConnectionOptions } from "node:tls";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { identityOf, type ReadStore, trustedOf } from "./store-settings.ts";

/** Throws ConfigurationError, without a key or a password in it. */
export async function tlsOf(params: KafkaParams, readStore: ReadStore): Promise<ConnectionOptions> {
  const verification = params.get("ssl.endpoint.identification.algorithm");
  if (verification !== undefined && !["", "HTTPS"].includes(verification.toUpperCase())) {
    throw new ConfigurationError(
      `${params.called("ssl.endpoint.identification.algorithm")} ${quote(verification)} is not https, or empty to take a certificate for another host`,
    );
  }
  const ca = await trustedOf(params, readStore);
  return {
    // Whatever stands in a truststore is trusted as it stands, as in Java: an intermediate's or a broker's own too.
    ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
    ...(await identityOf(params, readStore)),
    ...versionsOf(params),
    ...(verification === "" ? { checkServerIdentity: () => undefined } : {}),
  };
}

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** ssl.protocol says what Java's library is asked for; the versions of a connection are ssl.enabled.protocols. */
function versionsOf(params: KafkaParams): Pick<ConnectionOptions, "minVersion" | "maxVersion"> {
  const protocol = params.get("ssl.protocol") ?? "TLS";
  if (protocol !== "TLS" && !VERSIONS.some((version) => version === protocol)) {
    throw new ConfigurationError(
      `${params.called("ssl.protocol")} ${quote(protocol)} is not TLS, ${VERSIONS.join(" or ")}`,
    );
  }
  const enabled = params
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
      `${params.called("ssl.enabled.protocols")} ${quote(enabled.join(","))} is not a list of ${VERSIONS.join(" and ")}`,
    );
  }
  return { minVersion, maxVersion };
}
