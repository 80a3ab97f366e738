// SASL mechanisms
//
// With oauth-bearer.ts the only file that touches kafkajs beyond its public types: of its client the
// functions have what the mechanisms say, and nothing else of its 175 KB.

import type { Mechanism, SASLOptions } from "kafkajs";
import awsIam from "kafkajs/src/broker/saslAuthenticator/awsIam.js";
import plain from "kafkajs/src/broker/saslAuthenticator/plain.js";
import scram256 from "kafkajs/src/broker/saslAuthenticator/scram256.js";
import scram512 from "kafkajs/src/broker/saslAuthenticator/scram512.js";
import { quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { oauthBearerMechanism } from "./oauth-bearer.ts";
import { boundedScram } from "./scram.ts";

/** What carries out a mechanism of one's own, or of kafkajs. Throws ConfigurationError where there is none. */
export function authenticationProviderOf(sasl: SASLOptions | Mechanism): Mechanism["authenticationProvider"] {
  if ("authenticationProvider" in sasl) {
    return sasl.authenticationProvider;
  }
  // Code without types may name a mechanism in capitals, as Kafka does. What awsIam.js writes into it stays here.
  const own = Object.create(sasl, { mechanism: { value: sasl.mechanism.toLowerCase() } }) as SASLOptions;
  switch (own.mechanism) {
    case "plain":
      return plain(own);
    case "scram-sha-256":
      return boundedScram(scram256(own));
    case "scram-sha-512":
      return boundedScram(scram512(own));
    case "oauthbearer":
      return oauthBearerMechanism(own).authenticationProvider;
    case "aws":
      return awsIam(own);
    default:
      throw unknownMechanism(sasl);
  }
}

/** Code without types may say anything. */
function unknownMechanism({ mechanism }: { readonly mechanism: string }): ConfigurationError {
  return new ConfigurationError(
    `sasl.mechanism ${quote(mechanism)} is none of plain, scram-sha-256, scram-sha-512, oauthbearer and aws; another one needs an authenticationProvider`,
  );
}
