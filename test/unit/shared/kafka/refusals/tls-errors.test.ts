import { describe, expect, test } from "vitest";
import { explainTlsCode, isTlsAlert } from "../../../../../shared/kafka/refusals/tls-errors.ts";

const without = { hasClientCertificate: false };
const withOne = { hasClientCertificate: true };

describe("a code of OpenSSL tells what the listener said, whichever version spells it", () => {
  test.each([
    "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE",
    "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
    "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
  ])("%s is about the client's certificate", (code) => {
    expect(explainTlsCode(code, without)).toContain("the listener wants a client certificate");
    expect(explainTlsCode(code, without)).toContain("ssl.keystore.");
    expect(explainTlsCode(code, withOne)).toContain("does not take the client certificate");
  });

  test.each([
    ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "no cipher in common"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "no version of TLS in common"],
    ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "check ssl.*"],
    ["ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", "check ssl.*"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "does not speak TLS"],
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "does not speak TLS"],
    ["ERR_OSSL_PEM_NO_START_LINE", "ssl.keystore.*"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ssl.truststore.*"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "ssl.truststore.*"],
    ["CERT_HAS_EXPIRED", "has expired"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "another name"],
  ])("%s comes down to %j", (code, problem) => {
    expect(explainTlsCode(code, withOne)).toContain(problem);
  });

  test("a handshake that fails without a client certificate may have failed for the want of one", () => {
    expect(explainTlsCode("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", without)).toContain("ssl.keystore.");
  });

  test.each(["ECONNRESET", "ENOTFOUND", ""])("%j is not of TLS", (code) => {
    expect(explainTlsCode(code, without)).toBeUndefined();
  });
});

describe("the first bytes that a plaintext client gets", () => {
  test.each([
    ["a TLS 1.2 alert", [21, 3, 3, 0, 2, 2, 80], true],
    ["an SSL 3 alert", [21, 3, 0, 0, 2, 2, 40], true],
    ["a frame of Kafka's", [0, 0, 1, 200, 0, 0, 0, 1], false],
    ["a web server's", [...Buffer.from("HTTP/1.1")], false],
    ["too few", [21, 3], false],
  ])("of %s", (_, bytes, isAlert) => {
    expect(isTlsAlert(Uint8Array.from(bytes))).toBe(isAlert);
  });
});
