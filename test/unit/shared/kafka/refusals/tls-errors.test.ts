import { describe, expect, test } from "vitest";
import { explainTlsCode, isTlsAlert, tlsWords } from "../../../../../shared/kafka/refusals/tls-errors.ts";

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

test.each([
  [
    "its names",
    { subjectaltname: "DNS:a, IP Address:1.1.1.1", subject: { CN: "c" } },
    ": b is none of DNS:a, IP Address:1.1.1.1",
  ],
  ["its common name, where it has no other", { subject: { CN: "c" } }, ": b is none of CN:c"],
  ["what Node says, where it has none", {}, ": does not match"],
])("of a certificate for another host %s are told", (_, cert, words) => {
  const error = Object.assign(new Error("does not match"), { host: "b", cert });

  expect(tlsWords(error, "ERR_TLS_CERT_ALTNAME_INVALID")).toBe(words);
});

test("settings are named as they were given", () => {
  const names = { truststore: "T", keystore: "K", hostCheck: "H", protocol: "P" };

  expect(explainTlsCode("SELF_SIGNED_CERT_IN_CHAIN", { ...without, names })).toContain("by T");
  expect(explainTlsCode("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", { ...without, names })).toContain("by K");
  expect(explainTlsCode("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", { ...withOne, names })).toContain("check K");
  expect(explainTlsCode("ERR_TLS_CERT_ALTNAME_INVALID", { ...without, names })).toContain("by an empty H");
  expect(explainTlsCode("ERR_SSL_WRONG_VERSION_NUMBER", { ...without, names })).toContain("set P to PLAINTEXT");
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
