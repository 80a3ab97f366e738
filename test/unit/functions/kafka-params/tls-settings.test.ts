import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { certificatesOf, readStoreFile } from "../../../../functions/kafka-params/store-file.ts";
import { tlsOf } from "../../../../functions/kafka-params/tls-settings.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { paramsOf } from "../../../support/builders/params-of.ts";
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

const read = (settings: Readonly<Record<string, string>>) => tlsOf(paramsOf(settings), readStoreFile);
const onOneLine = (pem: string) => pem.trim().replaceAll("\n", " ");

test.each([
  ["in a file", { "ssl.truststore.type": "PEM", "ssl.truststore.location": file(ca) }],
  ["in the setting", { "ssl.truststore.certificates": ca }],
  ["with blanks for the breaks of lines", { "ssl.truststore.certificates": onOneLine(ca) }],
])("a private authority %s", async (_, settings) => {
  expect(await read(settings)).toEqual({ ca, allowPartialTrustChain: true });
});

test("several authorities on one line", async () => {
  const both = `${onOneLine(ca)} ${onOneLine(two.certificate.toString())}`;

  expect(await read({ "ssl.truststore.certificates": both })).toEqual({
    ca: ca + two.certificate.toString(),
    allowPartialTrustChain: true,
  });
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
])("a client's certificate by %s", async (_, settings) => {
  expect(await read({ "ssl.keystore.type": "PEM", ...settings })).toEqual({ cert: ca, key });
});

test.each([
  ["TLSv1.2,TLSv1.3", { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" }],
  ["TLSv1.3", { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }],
  [" TLSv1.2 ", { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }],
])("ssl.enabled.protocols %j", async (versions, expected) => {
  expect(await read({ "ssl.enabled.protocols": versions, "ssl.protocol": "TLSv1.2" })).toEqual(expected);
});

test("a certificate's host is checked unless the algorithm is empty", async () => {
  expect(await read({ "ssl.endpoint.identification.algorithm": "https" })).toEqual({});
  const anyHost = await read({ "ssl.endpoint.identification.algorithm": "" });
  expect(anyHost.checkServerIdentity?.("a", {} as never)).toBeUndefined();
});

const jks = file(Buffer.from("feedfeed00000002", "hex"));
const pkcs12 = file(Buffer.from("308209b20201033082", "hex"));

test.each([
  [
    { "ssl.truststore.type": "BKS", "ssl.truststore.location": jks },
    'ssl.truststore.type "BKS" is not JKS, PKCS12, PEM',
  ],
  [
    { "ssl.truststore.type": "JKS", "ssl.truststore.certificates": ca },
    'ssl.truststore.type says "JKS": set it to PEM',
  ],
  [{ "ssl.truststore.type": "PEM", "ssl.truststore.location": jks }, "is JKS, and ssl.truststore.type says PEM"],
  [{ "ssl.keystore.type": "PEM", "ssl.keystore.location": pkcs12 }, "is PKCS12, and ssl.keystore.type says PEM"],
  [{ "ssl.keystore.type": "JKS", "ssl.keystore.location": file(ca) }, "is PEM, and ssl.keystore.type says JKS"],
  [{ "ssl.keystore.type": "JKS", "ssl.keystore.location": file("PLANTED") }, "is no JKS store, nor one of another"],
  [{ "ssl.truststore.location": jks }, "cannot be read as a JKS store: it ends too early"],
  [{ "ssl.keystore.location": pkcs12 }, "cannot be read as a PKCS #12 store: it is damaged, or none"],
  [{ "ssl.keystore.location": file(Buffer.from("cececece00000002", "hex")) }, "is a JCEKS store, which cannot be read"],
  [{ "ssl.truststore.location": file(Buffer.alloc(9_000_000)) }, "is larger than 8388608 bytes"],
  [{ "ssl.truststore.location": "/no/such" }, 'ssl.truststore.location "/no/such" cannot be read'],
  [{ "ssl.truststore.password": "PLANTED" }, "ssl.truststore.password is of a store that is not given"],
  [
    { "ssl.truststore.certificates": ca, "ssl.truststore.password": "PLANTED" },
    "ssl.truststore.password cannot be used: PEM has none",
  ],
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
    "the private key in ssl.keystore.key cannot be read: ssl.key.password is not its password",
  ],
  [
    { "ssl.keystore.key": key, "ssl.keystore.certificate.chain": ca, "ssl.key.password": "PLANTED" },
    "is not encrypted; remove ssl.key.password",
  ],
  [{ "ssl.enabled.protocols": "TLSv1.1,TLSv1.2" }, "is not a list of TLSv1.2 and TLSv1.3"],
  [{ "ssl.protocol": "SSLv3" }, 'ssl.protocol "SSLv3" is not TLS'],
  [{ "ssl.endpoint.identification.algorithm": "LDAPS" }, "is not https"],
])("PM1: refuses %j", async (settings: Readonly<Record<string, string>>, message) => {
  await expect(read(settings)).rejects.toThrow(ConfigurationError);
  await expect(read(settings)).rejects.toThrow(message);
  await expect(read(settings)).rejects.not.toThrow("PLANTED");
});

test("the file of --ssl-ca is held to the same", async () => {
  expect(certificatesOf("--ssl-ca", file(`Subject: one\n${ca}`))).toBe(ca);
  expect(() => certificatesOf("--ssl-ca", jks)).toThrow("is JKS, not PEM; give it by ssl.truststore.location");
});
