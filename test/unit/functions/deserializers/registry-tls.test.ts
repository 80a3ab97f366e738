import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confluentRegistry } from "../../../../functions/deserializers/confluent-registry.ts";
import { registryTls } from "../../../../functions/deserializers/registry-tls.ts";
import { SchemaRegistryError } from "../../../../shared/core/decode/decode-errors.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { recorded, recordedStore } from "../../../support/key-stores/recorded-stores.ts";
import { startTlsFront, type TlsFront } from "../../../support/schemas/tls-front.ts";
import { createSelfSigned } from "../../../support/self-signed-certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "registry-tls-"));
const registry = createServer((_, response) => response.end('{"schema":"\\"string\\""}'));
const { certificates, keys } = recorded;
const pem = (name: string) => certificates[name] ?? expect.unreachable(`no certificate ${name}`);
const own = createSelfSigned("localhost");
let front: TlsFront;
let selfSigned: TlsFront;

beforeAll(async () => {
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/api`;
  const key = keys["broker"] ?? expect.unreachable("no key of the broker");
  const chain = pem("broker") + pem("intermediate");
  front = await startTlsFront(url, { cert: chain, key, ca: [pem("root"), pem("intermediate")] });
  selfSigned = await startTlsFront(url, {
    cert: own.certificate.toString(),
    key: own.privateKey.export({ type: "pkcs8", format: "pem" }),
    ca: own.certificate.toString(),
  });
});
afterAll(() => {
  for (const each of [front, selfSigned]) {
    each?.[Symbol.dispose]();
  }
  registry.close();
  rmSync(folder, { recursive: true });
});

function fileOf(title: string): string {
  const path = join(folder, `${title}.store`);
  writeFileSync(path, recordedStore(title).content);
  return path;
}

const trusting = (title: string) => ({
  "schema.registry.ssl.truststore.location": fileOf(title),
  "schema.registry.ssl.truststore.password": "store-secret",
});
const being = (title: string) => ({
  "schema.registry.ssl.keystore.location": fileOf(title),
  "schema.registry.ssl.keystore.password": "store-secret",
});
const inPem = {
  "ssl.truststore.certificates": pem("root"),
  "ssl.keystore.certificate.chain": pem("client") + pem("intermediate"),
  "ssl.keystore.key": keys["client"] ?? "",
};

async function ask(url: string, settings: Readonly<Record<string, string>>) {
  const asked = confluentRegistry(async () => ({ url, tls: await registryTls(settings) }));
  return asked.fetchSchema("1");
}

test.each([
  ["JKS", { ...trusting("JKS trusting root"), ...being("keytool, JKS") }],
  ["PKCS12", { ...trusting("PKCS12 trusting root"), ...being("OpenSSL, RSA") }],
  [
    "JKS with a password of its key",
    {
      ...trusting("JKS trusting two"),
      ...being("keytool, JKS of EC, key password apart"),
      "schema.registry.ssl.key.password": "key-secret",
    },
  ],
  ["PEM in the settings", inPem],
])("a registry behind mutual TLS is asked by stores of %s", async (_, settings) => {
  expect(await ask(front.url, settings)).toMatchObject({ text: '"string"' });
});

test("a certificate that signed itself is trusted, and may be the client's as well", async () => {
  const cert = own.certificate.toString();
  const key = own.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const settings = {
    "ssl.truststore.certificates": cert,
    "ssl.keystore.certificate.chain": cert,
    "ssl.keystore.key": key,
  };

  expect(await ask(selfSigned.url, settings)).toMatchObject({ text: '"string"' });
});

test.each([
  ["whom the client does not trust", { ...trusting("JKS trusting stranger"), ...being("keytool, JKS") }],
  ["that knows no such client", trusting("JKS trusting root")],
])("a registry %s is an outage", async (_, settings) => {
  await expect(ask(front.url, settings)).rejects.toThrow(SchemaRegistryError);
});

test.each([
  [
    "ssl.truststore.file",
    { "schema.registry.ssl.truststore.file": "a" },
    "schema.registry.ssl.truststore.file is no option",
  ],
  [
    "a wrong password",
    { ...trusting("JKS trusting root"), "schema.registry.ssl.truststore.password": "PLANTED" },
    "truststore",
  ],
  ["a store that is not there", { "schema.registry.ssl.truststore.location": "/nowhere.jks" }, "cannot be read"],
])("%s is refused, and no password shown", async (_, settings, problem) => {
  const error = await registryTls(settings).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(ConfigurationError);
  expect(String(error)).toContain(problem);
  expect(String(error)).not.toContain("PLANTED");
});
