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

/** What carries out a mechanism of one's own, or of kafkajs. Throws ConfigurationError where there is none. */
export function authenticationProviderOf(sasl: SASLOptions | Mechanism): Mechanism["authenticationProvider"] {
  if ("authenticationProvider" in sasl) {
    return sasl.authenticationProvider;
  }
  switch (sasl.mechanism) {
    case "plain":
      return plain(sasl);
    case "scram-sha-256":
      return scram256(sasl);
    case "scram-sha-512":
      return scram512(sasl);
    case "oauthbearer":
      return oauthBearerMechanism(sasl).authenticationProvider;
    case "aws":
      return awsIam(sasl);
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
