import { createPrivateKey } from "node:crypto";
import asn1 from "node-forge/lib/asn1.js";
import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { readIdentity, readTrusted, type StoreRequest } from "../../../../shared/key-stores/read-store.ts";
import { pemOf, recorded, recordedStore, titlesOf } from "../../../support/key-stores/recorded-stores.ts";

const WRONG = "PLANTED";

function requestOf(
  title: string,
  passwords: { readonly password?: string | undefined; readonly keyPassword?: string } = {},
): StoreRequest {
  const store = recordedStore(title);
  return {
    what: "the store",
    content: store.content,
    type: { name: "its.type", value: undefined },
    password: { name: "its.password", value: "password" in passwords ? passwords.password : store.password },
    keyPassword: { name: "key.password", value: passwords.keyPassword ?? store.keyPassword },
  };
}

const pem = (key: string) => createPrivateKey(key).export({ format: "pem", type: "pkcs8" });

test.each(titlesOf("key"))("the key and the chain in %s", async (title) => {
  const { key = "" } = recordedStore(title);

  const identity = await readIdentity(requestOf(title));

  expect(identity).toEqual({ key: pem(recorded.keys[key] ?? ""), cert: pemOf([key, "intermediate", "root"]) });
});

test.each(titlesOf("trusted"))("what is trusted by %s", async (title) => {
  const { trusted = [] } = recordedStore(title);

  const read = await readTrusted(requestOf(title));

  expect(read.map(String).toSorted()).toEqual(trusted.map((name) => pemOf([name])).toSorted());
});

test.each(["keytool, JKS", "keytool, RSA", "OpenSSL, RSA"])(
  "as a truststore, %s trusts its own certificate, as Java does",
  async (title) => {
    expect((await readTrusted(requestOf(title))).map(String)).toEqual([pemOf(["client"])]);
  },
);

test("as a truststore, one with two keys trusts the certificate of either", async () => {
  const trusted = await readTrusted(requestOf("JKS of two keys"));

  expect(trusted.map(String).toSorted()).toEqual([pemOf(["client"]), pemOf(["client-ec"])].toSorted());
});

test("a JKS truststore is read without a password too, as Java reads it", async () => {
  expect(await readTrusted(requestOf("JKS trusting root", { password: undefined }))).toHaveLength(1);
});

test.each(
  [...titlesOf("key"), ...titlesOf("trusted")].filter((title) => !/neither MAC|without a password/.test(title)),
)("a wrong password of %s is told by its name", async (title) => {
  const read = readTrusted(requestOf(title, { password: WRONG }));

  await expect(read).rejects.toThrow(ConfigurationError);
  await expect(read).rejects.toThrow("its.password is not the password of the store, or the file is damaged");
  await expect(read).rejects.not.toThrow(WRONG);
});

test.each(titlesOf("key").filter((title) => !title.includes("neither MAC")))(
  "a wrong password of the key in %s is told by its name",
  async (title) => {
    const read = readIdentity(requestOf(title, { keyPassword: WRONG }));

    await expect(read).rejects.toThrow(/^key\.password is not the password of the private key/);
    await expect(read).rejects.not.toThrow(WRONG);
  },
);

test("without the password of its own a key is tried with the store's, which is told", async () => {
  const { content, password } = recordedStore("keytool, JKS of EC, key password apart");
  const request = { ...requestOf("keytool, JKS"), content, keyPassword: { name: "key.password", value: undefined } };

  expect(password).toBeDefined();
  await expect(readIdentity(request)).rejects.toThrow(
    'its.password is not the password of the private key "client-ec" of the store',
  );
});

test.each([
  ["PKCS12 trusting root", { password: undefined }, "the store cannot be opened without a password; give its.password"],
  ["JKS trusting two", {}, "the store holds no private key; is it a truststore?"],
  ["JKS of two keys", {}, /the store holds 2 private keys \("client(-ec)?", "client(-ec)?"\).*leave one in it/],
])("%s as it cannot be used is told: %j", async (title, passwords, problem) => {
  await expect(readIdentity(requestOf(title, passwords))).rejects.toThrow(problem);
});

test.each([
  [undefined, "JKS trusting root"],
  ["PKCS12", "JKS trusting root"],
  ["jks", "PKCS12 trusting root"],
])("the type %j is no matter, as in Java, for %s", async (value, title) => {
  expect(await readTrusted({ ...requestOf(title), type: { name: "its.type", value } })).toHaveLength(1);
});

test("a store that asks for years of hashing is refused before it is done", async () => {
  const { content } = recordedStore("OpenSSL, RSA");
  const hostile = asn1.fromDer(content.toString("latin1"), { strict: true });
  // PFX: version, content, MacData; MacData: digest, salt, iterations.
  const mac = hostile.value[2];
  const iterations = typeof mac === "object" ? mac.value[2] : undefined;
  Object.assign(iterations ?? {}, { value: "\x7f\xff\xff\xff" });
  const request = { ...requestOf("OpenSSL, RSA"), content: Buffer.from(asn1.toDer(hostile).getBytes(), "latin1") };

  await expect(readTrusted(request)).rejects.toThrow(
    "the store hashes its password 2147483647 times; at most 1000000 are done",
  );
});
