// TLS errors
//
// What a code of node:tls or OpenSSL means for somebody who configures a Kafka
// client. The codes are constants of theirs; an alert's name in one (RFC 8446, 6.2)
// is what the broker said.

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

/** Node's words for a certificate whose names are not the host's, or whose days are not now. */
const CERTIFICATE_REMEDIES: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the broker's certificate is for another name: connect by a name that it bears (advertised.listeners, ssl.servername), or take any by an empty ssl.endpoint.identification.algorithm",
  CERT_HAS_EXPIRED: "the broker's certificate has expired: renew it, or set this machine's clock",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet: set this machine's clock",
};

const NO_TRUST =
  "nobody trusted vouches for the broker's certificate: give its authority's by ssl.truststore.* (ssl.ca, --ssl-ca)";

const NO_CLIENT_CERTIFICATE =
  "the listener wants a client certificate (ssl.client.auth): give one by ssl.keystore.certificate.chain and ssl.keystore.key";

const BAD_CLIENT_CERTIFICATE =
  "the listener does not take the client certificate: check ssl.keystore.*, and that the broker's ssl.truststore has its authority";

export interface TlsIdentity {
  readonly hasClientCertificate: boolean;
}

/** What is wrong and what helps; undefined for a code that is not of TLS, or that a retry may cure. */
export function explainTlsCode(code: string, { hasClientCertificate }: TlsIdentity): string | undefined {
  if (!TLS_CODE.test(code)) {
    return undefined;
  }
  const [, alert] = ALERT.exec(code) ?? [];
  if (alert !== undefined) {
    return explainAlert(alert, hasClientCertificate);
  }
  if (NOT_TLS.has(code)) {
    return "the listener does not speak TLS: set security.protocol to PLAINTEXT or SASL_PLAINTEXT, or name the port of a listener that does";
  }
  if (code.startsWith("ERR_OSSL_")) {
    return "a certificate or key of ours cannot be used: check ssl.keystore.*, ssl.key.password and ssl.truststore.*";
  }
  return CERTIFICATE_REMEDIES[code] ?? (code.startsWith("ERR_") ? "check ssl.* and the listener's port" : NO_TRUST);
}

function explainAlert(alert: string, hasClientCertificate: boolean): string {
  if (CLIENT_CERTIFICATE_ALERTS.has(alert)) {
    return hasClientCertificate ? BAD_CLIENT_CERTIFICATE : NO_CLIENT_CERTIFICATE;
  }
  switch (alert) {
    case "HANDSHAKE_FAILURE":
      return hasClientCertificate
        ? "client and listener have no cipher in common (ssl.cipher.suites)"
        : `client and listener have no cipher in common (ssl.cipher.suites), or ${NO_CLIENT_CERTIFICATE}`;
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
