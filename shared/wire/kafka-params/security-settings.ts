// Security settings
//
// The settings of Kafka's consumer that say who it is and whom it trusts. A connection
// must not be less safe than its file says: what cannot be kept is refused.

import { quote } from "../../core/bounded-text.ts";
import { SECURITY_PROTOCOLS } from "../../core/source/bootstrap-server.ts";
import { refused, type SettingRule, type SettingRules, taken, withoutEffect } from "./setting-rule.ts";

const KERBEROS = "it is of GSSAPI, a sasl.mechanism that is not taken";
const TOKEN_RENEWAL = "a token is fetched when a connection or the renewal of its session needs one";
const BROKERS_SIDE = "it is of a broker's validator of tokens";
const ASSERTION = "it is of the grant by a signed assertion, whose sasl.oauthbearer.jwt.retriever.class is refused";
const OWN_CLASS = "no class of Java runs here";
const OAUTH = "org.apache.kafka.common.security.oauthbearer";

/** A class of Kafka's own, by its name without the package, whose work is done here. */
function ownClass(text: string, names: readonly string[]): SettingRule {
  return taken(`${text}; another class is refused`, {
    same: names.slice(0, 1).map((name) => `${OAUTH}.${name}`),
    problemOf: (value) =>
      names.some((name) => value === `${OAUTH}.${name}`)
        ? undefined
        : `${quote(value)} cannot be used: ${OWN_CLASS}; remove it, or name ${names.map((name) => `${OAUTH}.${name}`).join(" or ")}`,
  });
}

const STORE_TYPE = "PKCS12, JKS or PEM; without it, what the file's first bytes say";

export const SECURITY_SETTINGS: SettingRules = {
  "sasl.client.callback.handler.class": taken("those of MSK's IAM; another class is refused"),
  "sasl.jaas.config": taken("one login module with its options, by the rules of Java's StreamTokenizer"),
  "sasl.kerberos.kinit.cmd": withoutEffect(KERBEROS, "/usr/bin/kinit"),
  "sasl.kerberos.min.time.before.relogin": withoutEffect(KERBEROS, "60000"),
  "sasl.kerberos.service.name": withoutEffect(KERBEROS),
  "sasl.kerberos.ticket.renew.jitter": withoutEffect(KERBEROS, "0.05"),
  "sasl.kerberos.ticket.renew.window.factor": withoutEffect(KERBEROS, "0.8"),
  "sasl.login.callback.handler.class": taken(
    "those of MSK's IAM, and Kafka's own of OAUTHBEARER; another class is refused",
  ),
  "sasl.login.class": refused(`${OWN_CLASS}; remove it, and give what it logs in with by sasl.jaas.config`),
  "sasl.login.connect.timeout.ms": withoutEffect(TOKEN_RENEWAL),
  "sasl.login.read.timeout.ms": withoutEffect(TOKEN_RENEWAL),
  "sasl.login.refresh.buffer.seconds": withoutEffect(TOKEN_RENEWAL, "300"),
  "sasl.login.refresh.min.period.seconds": withoutEffect(TOKEN_RENEWAL, "60"),
  "sasl.login.refresh.window.factor": withoutEffect(TOKEN_RENEWAL, "0.8"),
  "sasl.login.refresh.window.jitter": withoutEffect(TOKEN_RENEWAL, "0.05"),
  "sasl.login.retry.backoff.max.ms": withoutEffect(TOKEN_RENEWAL, "10000"),
  "sasl.login.retry.backoff.ms": withoutEffect(TOKEN_RENEWAL, "100"),
  "sasl.mechanism": taken("PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM", { same: ["GSSAPI"] }),
  "sasl.oauthbearer.assertion.algorithm": withoutEffect(ASSERTION, "RS256"),
  "sasl.oauthbearer.assertion.claim.aud": withoutEffect(ASSERTION),
  "sasl.oauthbearer.assertion.claim.exp.seconds": withoutEffect(ASSERTION, "300"),
  "sasl.oauthbearer.assertion.claim.iss": withoutEffect(ASSERTION),
  "sasl.oauthbearer.assertion.claim.jti.include": withoutEffect(ASSERTION, "false"),
  "sasl.oauthbearer.assertion.claim.nbf.seconds": withoutEffect(ASSERTION, "60"),
  "sasl.oauthbearer.assertion.claim.sub": withoutEffect(ASSERTION),
  "sasl.oauthbearer.assertion.file": withoutEffect(ASSERTION),
  "sasl.oauthbearer.assertion.private.key.file": withoutEffect(ASSERTION),
  "sasl.oauthbearer.assertion.private.key.passphrase": withoutEffect(ASSERTION),
  "sasl.oauthbearer.assertion.template.file": withoutEffect(ASSERTION),
  "sasl.oauthbearer.client.credentials.client.id": taken(
    "who asks for the token; clientId of sasl.jaas.config before Kafka 4.1",
  ),
  "sasl.oauthbearer.client.credentials.client.secret": taken(
    "its secret; clientSecret of sasl.jaas.config before Kafka 4.1",
  ),
  "sasl.oauthbearer.clock.skew.seconds": withoutEffect(BROKERS_SIDE, "30"),
  "sasl.oauthbearer.expected.audience": withoutEffect(BROKERS_SIDE),
  "sasl.oauthbearer.expected.issuer": withoutEffect(BROKERS_SIDE),
  "sasl.oauthbearer.header.urlencode": taken("whether client id and secret are encoded as RFC 6749 has it", {
    same: ["false"],
  }),
  "sasl.oauthbearer.jwks.endpoint.refresh.ms": withoutEffect(BROKERS_SIDE, "3600000"),
  "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": withoutEffect(BROKERS_SIDE, "10000"),
  "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms": withoutEffect(BROKERS_SIDE, "100"),
  "sasl.oauthbearer.jwks.endpoint.url": withoutEffect(BROKERS_SIDE),
  "sasl.oauthbearer.jwt.retriever.class": ownClass("Kafka's own by client credentials", [
    "DefaultJwtRetriever",
    "ClientCredentialsJwtRetriever",
  ]),
  "sasl.oauthbearer.jwt.validator.class": ownClass("Kafka's own, which leave the judgement to the broker", [
    "DefaultJwtValidator",
    "ClientJwtValidator",
  ]),
  "sasl.oauthbearer.scope": taken("what the token is asked for; scope of sasl.jaas.config before Kafka 4.1"),
  "sasl.oauthbearer.scope.claim.name": withoutEffect(BROKERS_SIDE, "scope"),
  "sasl.oauthbearer.sub.claim.name": withoutEffect(BROKERS_SIDE, "sub"),
  "sasl.oauthbearer.token.endpoint.url": taken("where the token is asked for, by http or https"),
  "security.protocol": taken(`${SECURITY_PROTOCOLS.join(", ")}, in any case`),
  "security.providers": refused(`${OWN_CLASS}; remove it`),
  "ssl.cipher.suites": refused(
    "its names are Java's; remove it, since both sides agree on a suite of TLS 1.2 or 1.3 by themselves",
  ),
  "ssl.enabled.protocols": taken("TLSv1.2 and TLSv1.3, or one of them", { same: ["TLSv1.2,TLSv1.3"] }),
  "ssl.endpoint.identification.algorithm": taken("https, or empty to take a certificate for another host", {
    same: ["https"],
  }),
  "ssl.engine.factory.class": refused(
    `${OWN_CLASS}; remove it, and give keys and certificates by ssl.keystore.* and ssl.truststore.*`,
  ),
  "ssl.key.password": taken("of the key within the keystore; the store's own by default"),
  "ssl.keymanager.algorithm": refused(`${OWN_CLASS}; remove it`, "SunX509", "NewSunX509", "PKIX"),
  "ssl.keystore.certificate.chain": taken("in PEM, on one line or several"),
  "ssl.keystore.key": taken("in PEM, on one line or several, encrypted or not"),
  "ssl.keystore.location": taken("a store that holds the client's key and its chain"),
  "ssl.keystore.password": taken("of the store"),
  "ssl.keystore.type": taken(STORE_TYPE, { same: ["JKS"] }),
  "ssl.protocol": taken("TLS, TLSv1.2 or TLSv1.3; the versions of a connection are ssl.enabled.protocols", {
    same: ["TLSv1.3"],
  }),
  "ssl.provider": refused(`${OWN_CLASS}; remove it`),
  "ssl.secure.random.implementation": refused(`${OWN_CLASS}; remove it`),
  "ssl.trustmanager.algorithm": refused(`${OWN_CLASS}; remove it`, "PKIX", "SunX509"),
  "ssl.truststore.certificates": taken("in PEM, on one line or several"),
  "ssl.truststore.location": taken(
    "a store whose certificates are trusted: an authority's, an intermediate's or a broker's own",
  ),
  "ssl.truststore.password": taken("of the store"),
  "ssl.truststore.type": taken(STORE_TYPE, { same: ["JKS"] }),
};
