// TLS errors
//
// What a code of node:tls or OpenSSL means for somebody who configures a Kafka
// client. The codes are constants of theirs; an alert's name in one (RFC 8446, 6.2)
// is what the broker said.

import { cutText, showName } from "../../core/bounded-text.ts";
import type { SettingNames } from "./setting-names.ts";

/** Codes that no retry cures. */
const TLS_CODE =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** The broker's alert in a code, whose prefix differs between versions of OpenSSL and of TLS. */
const ALERT = /_ALERT_([A-Z_]+)$/;

/** Alerts about the certificate that the client showed, or did not show. */
const CLIENT_CERTIFICATE_ALERTS: ReadonlySet<string> = new Set([
  "ACCESS_DENIED",
  "BAD_CERTIFICATE",
  "CERTIFICATE_EXPIRED",
  "CERTIFICATE_REQUIRED",
  "CERTIFICATE_REVOKED",
  "CERTIFICATE_UNKNOWN",
  "DECRYPT_ERROR",
  "UNKNOWN_CA",
  "UNSUPPORTED_CERTIFICATE",
]);

/** What comes in answer to a TLS hello and is no TLS. */
const NOT_TLS: ReadonlySet<string> = new Set([
  "ERR_SSL_HTTP_REQUEST",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_WRONG_VERSION_NUMBER",
]);

/** Node's words for a certificate whose days are not now. */
const CERTIFICATE_REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired: renew it, or set this machine's clock",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet: set this machine's clock",
};

const wrongHost = ({ hostCheck = "ssl.endpoint.identification.algorithm" }: SettingNames) =>
  `the broker's certificate is for another name: connect by a name that it bears (advertised.listeners, ssl.servername), or take any by an empty ${hostCheck}`;

const noTrust = ({ truststore = "ssl.truststore.* (ssl.ca, --ssl-ca)" }: SettingNames) =>
  `nobody trusted vouches for the broker's certificate: give its authority's by ${truststore}`;

const noClientCertificate = ({ keystore = "ssl.keystore.certificate.chain and ssl.keystore.key" }: SettingNames) =>
  `the listener wants a client certificate (ssl.client.auth): give one by ${keystore}`;

const badClientCertificate = ({ keystore = "ssl.keystore.*" }: SettingNames) =>
  `the listener does not take the client certificate: check ${keystore}, and that the broker's ssl.truststore has its authority`;

export interface TlsIdentity {
  readonly hasClientCertificate: boolean;
  /** @default Kafka's own */
  readonly names?: SettingNames;
}

/** What is wrong and what helps; undefined for a code that is not of TLS, or that a retry may cure. */
export function explainTlsCode(code: string, identity: TlsIdentity): string | undefined {
  const { names = {} } = identity;
  if (!TLS_CODE.test(code)) {
    return undefined;
  }
  const [, alert] = ALERT.exec(code) ?? [];
  if (alert !== undefined) {
    return explainAlert(alert, identity);
  }
  if (NOT_TLS.has(code)) {
    return `the listener does not speak TLS: set ${names.protocol ?? "security.protocol"} to PLAINTEXT or SASL_PLAINTEXT, or name the port of a listener that does`;
  }
  if (code.startsWith("ERR_OSSL_")) {
    return "a certificate or key of ours cannot be used: check ssl.keystore.*, ssl.key.password and ssl.truststore.*";
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return wrongHost(names);
  }
  return (
    CERTIFICATE_REMEDIES[code] ?? (code.startsWith("ERR_") ? "check ssl.* and the listener's port" : noTrust(names))
  );
}

/** What is said beside the code: of a certificate for another host all of its names, which Node tells of DNS alone. */
export function tlsWords(error: Error, code: string): string {
  const names = "cert" in error ? namesOf(error.cert) : undefined;
  if (names !== undefined && "host" in error) {
    return `: ${showName(String(error.host))} is none of ${cutText(names, MAX_NAMES_LENGTH)}`;
  }
  // Of what OpenSSL says beside the code nothing is for a reader.
  return code.startsWith("ERR_SSL_") ? "" : `: ${error.message}`;
}

const MAX_NAMES_LENGTH = 500;

/** As node:tls shows a peer's certificate. */
function namesOf(certificate: unknown): string | undefined {
  if (typeof certificate !== "object" || certificate === null) {
    return undefined;
  }
  if ("subjectaltname" in certificate && typeof certificate.subjectaltname === "string") {
    return certificate.subjectaltname;
  }
  const subject = "subject" in certificate ? certificate.subject : undefined;
  return typeof subject === "object" && subject !== null && "CN" in subject ? `CN:${String(subject.CN)}` : undefined;
}

function explainAlert(alert: string, { hasClientCertificate, names = {} }: TlsIdentity): string {
  if (CLIENT_CERTIFICATE_ALERTS.has(alert)) {
    return hasClientCertificate ? badClientCertificate(names) : noClientCertificate(names);
  }
  switch (alert) {
    case "HANDSHAKE_FAILURE":
      return hasClientCertificate
        ? "client and listener have no cipher in common (ssl.cipher.suites)"
        : `client and listener have no cipher in common (ssl.cipher.suites), or ${noClientCertificate(names)}`;
    case "PROTOCOL_VERSION":
      return "client and listener have no version of TLS in common (ssl.enabled.protocols)";
    case "UNRECOGNIZED_NAME":
      return "the listener knows no host of this name: connect by a name of its certificate";
    default:
      return "check ssl.* and the listener's port";
  }
}

/** Whether a plaintext client's first bytes from the other side are a TLS alert: type 21, version 3.x, two bytes. */
export function isTlsAlert(bytes: Uint8Array): boolean {
  const [type, major, minor = 255, high, low] = bytes;
  return type === 21 && major === 3 && minor <= 4 && high === 0 && low === 2;
}
