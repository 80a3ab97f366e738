// What sasl-mechanisms.ts and oauth-bearer.ts use of kafkajs 2.2.4 beyond its public
// API. Tests hold the installed package to it.

declare module "kafkajs/src/broker/saslAuthenticator/awsIam.js" {
  import type { Mechanism, SASLOptions } from "kafkajs";

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default function awsIam(
    sasl: Extract<SASLOptions, { readonly mechanism: "aws" }>,
  ): Mechanism["authenticationProvider"];
}

declare module "kafkajs/src/broker/saslAuthenticator/oauthBearer.js" {
  import type { Mechanism, SASLOptions } from "kafkajs";

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default function oauthBearer(
    sasl: Extract<SASLOptions, { readonly mechanism: "oauthbearer" }>,
  ): Mechanism["authenticationProvider"];
}

declare module "kafkajs/src/broker/saslAuthenticator/plain.js" {
  import type { Mechanism, SASLOptions } from "kafkajs";

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default function plain(
    sasl: Extract<SASLOptions, { readonly mechanism: "plain" }>,
  ): Mechanism["authenticationProvider"];
}

declare module "kafkajs/src/broker/saslAuthenticator/scram256.js" {
  import type { Mechanism, SASLOptions } from "kafkajs";

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default function scram256(
    sasl: Extract<SASLOptions, { readonly mechanism: "scram-sha-256" }>,
  ): Mechanism["authenticationProvider"];
}

declare module "kafkajs/src/broker/saslAuthenticator/scram512.js" {
  import type { Mechanism, SASLOptions } from "kafkajs";

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default function scram512(
    sasl: Extract<SASLOptions, { readonly mechanism: "scram-sha-512" }>,
  ): Mechanism["authenticationProvider"];
}
