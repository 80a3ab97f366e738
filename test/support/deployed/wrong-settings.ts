// Wrong settings
//
// What can be wrong in the settings of a client, and what somebody is told: the document's
// table and the tests of the command and of the functions are made of this list.

interface WrongSetting {
  readonly what: string;
  /** Parts of the line, with the settings as they are spelled with `kafka.` in front. */
  readonly says: readonly string[];
  /** Whether deployed functions are tried with it. */
  readonly isDeployed?: true;
  /** Whether the broker ends the connection and says nothing. @default false */
  readonly isGuess?: true;
}

export const WRONG_SETTINGS = [
  {
    what: "another authority in the truststore",
    says: ["nobody trusted vouches for the broker's certificate", "by kafka.ssl.truststore.location"],
    isDeployed: true,
  },
  {
    what: "a broker's certificate for another host",
    says: ["elsewhere.example", "b-1.elsewhere.example", "an empty kafka.ssl.endpoint.identification.algorithm"],
    isDeployed: true,
  },
  {
    what: "a broker's certificate that has expired",
    says: ["CERT_HAS_EXPIRED", "the broker's certificate has expired"],
    isDeployed: true,
  },
  {
    what: "a wrong password of the truststore",
    says: ["kafka.ssl.truststore.password is not the password of kafka.ssl.truststore.location"],
    isDeployed: true,
  },
  {
    what: "a wrong password of the key",
    says: ["kafka.ssl.key.password is not the password of the private key"],
    isDeployed: true,
  },
  {
    what: "a wrong type of the truststore",
    says: ["is JKS, and kafka.ssl.truststore.type says PEM: set kafka.ssl.truststore.type to JKS"],
  },
  {
    what: "no client certificate where one is wanted",
    says: ["the listener wants a client certificate", "ssl.keystore.location"],
  },
  {
    what: "a client certificate that the broker does not know",
    says: ["the listener does not take the client certificate: check kafka.ssl.keystore.certificate.chain"],
  },
  {
    what: "a wrong password",
    says: ["the broker refused the credentials", "check kafka.sasl.jaas.config"],
    isDeployed: true,
  },
  {
    what: "a mechanism that nobody has",
    says: ['kafka.sasl.mechanism "SCRAM-SHA-1" is not PLAIN, SCRAM-SHA-256'],
    isDeployed: true,
  },
  {
    what: "a mechanism that the listener does not offer",
    says: ["UNSUPPORTED_SASL_MECHANISM", "the listener does not offer this kafka.sasl.mechanism"],
    isDeployed: true,
  },
  {
    what: "no TLS to a listener with TLS",
    says: ["the listener wants TLS: set kafka.security.protocol to SSL or SASL_SSL"],
    isDeployed: true,
  },
  {
    what: "TLS to a listener without TLS",
    says: ["as a listener without TLS does: set kafka.security.protocol to SASL_PLAINTEXT"],
    isDeployed: true,
    isGuess: true,
  },
  {
    what: "no SASL to a listener with SASL",
    says: ["as a listener does that wants SASL: set kafka.security.protocol to SASL_PLAINTEXT"],
    isGuess: true,
  },
  { what: "a user without Describe", says: ["grant Describe on topic", "to User:alice"], isDeployed: true },
  {
    what: "a client certificate without Describe",
    says: ["grant Describe on topic", "to User:CN=client", "unless ssl.principal.mapping.rules of the broker"],
  },
  { what: "a user without Read", says: ["grant Read on topic", "to User:alice"], isDeployed: true },
] as const satisfies readonly WrongSetting[];

type WrongTitle = (typeof WRONG_SETTINGS)[number]["what"];

export function wrongSetting(what: WrongTitle): WrongSetting {
  const found: WrongSetting | undefined = WRONG_SETTINGS.find((one) => one.what === what);
  if (found === undefined) {
    throw new Error(`nothing is known of ${what}`);
  }
  return found;
}

export type { WrongTitle };
