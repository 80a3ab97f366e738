import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { certificatesOf, tlsOf } from "../../../../functions/kafka-params/tls-settings.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { paramsOf } from "../../../support/kafka/params-of.ts";
import { createSelfSigned } from "../../../support/self-signed-certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "tls-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const one = createSelfSigned("one");
const two = createSelfSigned("two");
const ca = one.certificate.toString();
const key = one.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const encryptedKey = one.privateKey
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "PLANTED" })
  .toString();

function file(content: string | Buffer): string {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, content);
  return path;
}

const read = (settings: Readonly<Record<string, string>>) => tlsOf(paramsOf(settings));
const onOneLine = (pem: string) => pem.trim().replaceAll("\n", " ");

test.each([
  ["in a file", { "ssl.truststore.type": "PEM", "ssl.truststore.location": file(ca) }],
  ["in the setting", { "ssl.truststore.certificates": ca }],
  ["with blanks for the breaks of lines", { "ssl.truststore.certificates": onOneLine(ca) }],
])("a private authority %s", (_, settings) => {
  expect(read(settings)).toEqual({ ca });
});

test("several authorities on one line", () => {
  const both = `${onOneLine(ca)} ${onOneLine(two.certificate.toString())}`;

  expect(read({ "ssl.truststore.certificates": both })).toEqual({ ca: ca + two.certificate.toString() });
});

test.each([
  ["a key and a chain", { "ssl.keystore.key": key, "ssl.keystore.certificate.chain": ca }],
  ["both on one line", { "ssl.keystore.key": onOneLine(key), "ssl.keystore.certificate.chain": onOneLine(ca) }],
  ["a file of both", { "ssl.keystore.location": file(key + ca) }],
  [
    "an encrypted key",
    {
      "ssl.keystore.key": onOneLine(encryptedKey),
      "ssl.keystore.certificate.chain": ca,
      "ssl.key.password": "PLANTED",
    },
  ],
])("a client's certificate by %s", (_, settings) => {
  expect(read({ "ssl.keystore.type": "PEM", ...settings })).toEqual({ cert: ca, key });
});

test.each([
  ["TLSv1.2,TLSv1.3", { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" }],
  ["TLSv1.3", { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }],
  [" TLSv1.2 ", { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }],
])("ssl.enabled.protocols %j", (versions, expected) => {
  expect(read({ "ssl.enabled.protocols": versions, "ssl.protocol": "TLSv1.2" })).toEqual(expected);
});

test("a certificate's host is checked unless the algorithm is empty", () => {
  expect(read({ "ssl.endpoint.identification.algorithm": "https" })).toEqual({});
  expect(read({ "ssl.endpoint.identification.algorithm": "" }).checkServerIdentity?.("a", {} as never)).toBeUndefined();
});

const jks = file(Buffer.from("feedfeed00000002", "hex"));
const pkcs12 = file(Buffer.from("308209b20201033082", "hex"));

test.each([
  [{ "ssl.truststore.type": "JKS" }, 'ssl.truststore.type "JKS" cannot be read; convert it to PEM'],
  [{ "ssl.truststore.type": "pem" }, 'ssl.truststore.type "pem" cannot be read'],
  [{ "ssl.truststore.location": jks }, "is a JKS store, not PEM; convert it: keytool"],
  [{ "ssl.keystore.location": pkcs12 }, "is a PKCS #12 store, or another file in DER, not PEM"],
  [{ "ssl.truststore.location": "/no/such" }, 'ssl.truststore.location "/no/such" cannot be read'],
  [{ "ssl.truststore.password": "PLANTED" }, "ssl.truststore.password cannot be used: PEM has none"],
  [{ "ssl.truststore.certificates": "PLANTED" }, "ssl.truststore.certificates holds no certificate in PEM"],
  [{ "ssl.truststore.certificates": ca.slice(0, 60) }, "does not end with -----END CERTIFICATE-----; in a file of"],
  [
    { "ssl.truststore.certificates": ca.replace("MII", "PLANTED") },
    "certificate 1 of ssl.truststore.certificates cannot be",
  ],
  [{ "ssl.truststore.certificates": ca, "ssl.truststore.location": "x" }, "cannot be combined"],
  [{ "ssl.keystore.certificate.chain": ca }, "ssl.keystore.key is not given"],
  [{ "ssl.keystore.key": key }, "ssl.keystore.certificate.chain is not given"],
  [{ "ssl.key.password": "PLANTED" }, "ssl.keystore.certificate.chain is not given"],
  [
    { "ssl.keystore.key": key, "ssl.keystore.certificate.chain": two.certificate.toString() },
    "is not that of the first",
  ],
  [{ "ssl.keystore.key": encryptedKey, "ssl.keystore.certificate.chain": ca }, "is encrypted; give ssl.key.password"],
  [
    { "ssl.keystore.key": encryptedKey, "ssl.keystore.certificate.chain": ca, "ssl.key.password": "PLANTED2" },
    "the private key in ssl.keystore.key cannot be read with ssl.key.password",
  ],
  [
    { "ssl.keystore.key": key, "ssl.keystore.certificate.chain": ca, "ssl.key.password": "PLANTED" },
    "is not encrypted; remove ssl.key.password",
  ],
  [{ "ssl.enabled.protocols": "TLSv1.1,TLSv1.2" }, "is not a list of TLSv1.2 and TLSv1.3"],
  [{ "ssl.protocol": "SSLv3" }, 'ssl.protocol "SSLv3" is not TLS'],
  [{ "ssl.endpoint.identification.algorithm": "LDAPS" }, "is not https"],
])("PM1: refuses %j", (settings: Readonly<Record<string, string>>, message) => {
  expect(() => read(settings)).toThrow(ConfigurationError);
  expect(() => read(settings)).toThrow(message);
  expect(() => read(settings)).not.toThrow("PLANTED");
});

test("the file of --ssl-ca is held to the same", () => {
  expect(certificatesOf("--ssl-ca", file(`Subject: one\n${ca}`))).toBe(ca);
  expect(() => certificatesOf("--ssl-ca", jks)).toThrow("is a JKS store, not PEM");
});
