// JKS
//
// Java's own key store (sun.security.provider.JavaKeyStore), versions 1 and 2:
//
//   store => magic version count [entry] digest
//   entry => 1 alias created length key count [certificate]  |  2 alias created certificate
//   certificate => type length DER       (version 1 has no type)
//
// The digest is SHA-1 over the password, a phrase and all that stands before. A key is an
// EncryptedPrivateKeyInfo of Sun's own algorithm: a salt, the key under a stream of SHA-1,
// and a digest that tells whether the password was right.

import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { quote } from "../core/bounded-text.ts";
import { ConfigurationError } from "../core/errors.ts";
import type { StoreAccess, StoreContent, StoredKey } from "./store-access.ts";
import { StoreBytes } from "./store-bytes.ts";

const DIGEST_BYTES = 20;
const PHRASE = Buffer.from("Mighty Aphrodite", "utf8");

/** 1.3.6.1.4.1.42.2.17.1.1, Sun's protection of keys. */
const KEY_PROTECTOR = Buffer.from("2b060104012a02110101", "hex");

/** Throws ConfigurationError. Without a password the store is read as it stands, as Java reads it. */
export function readJks(content: Buffer, access: StoreAccess): StoreContent {
  const { what, password } = access;
  if (password.value !== undefined) {
    checkDigest(content, what, { name: password.name, value: password.value });
  }
  const bytes = new StoreBytes(content.subarray(0, Math.max(0, content.length - DIGEST_BYTES)), what);
  bytes.uint32(); // Magic.
  const version = bytes.uint32();
  if (version !== 1 && version !== 2) {
    throw new ConfigurationError(`${what} is a JKS store of version ${version}; expected 1 or 2`);
  }
  const count = bytes.uint32();
  const keys: StoredKey[] = [];
  const certificates: X509Certificate[] = [];
  for (let index = 0; index < count; index++) {
    const tag = bytes.uint32();
    const alias = bytes.text();
    bytes.skip(8); // When it was made.
    if (tag === 1) {
      const sealed = bytes.take(bytes.uint32());
      const chain = readChain(bytes, version);
      keys.push({ alias, chain, open: () => openKey(sealed, alias, access) });
    } else if (tag === 2) {
      certificates.push(readCertificate(bytes, version));
    } else {
      throw bytes.error(`has an entry of kind ${tag}`);
    }
  }
  if (bytes.left > 0) {
    throw bytes.error("goes on behind its last entry");
  }
  return { keys, certificates };
}

function checkDigest(
  content: Buffer,
  what: string,
  { name, value }: { readonly name: string; readonly value: string },
): void {
  const body = content.subarray(0, -DIGEST_BYTES);
  const digest = sha1(passwordBytes(value), PHRASE, body);
  if (!digest.equals(content.subarray(-DIGEST_BYTES))) {
    throw new ConfigurationError(`${name} is not the password of ${what}, or the file is damaged`);
  }
}

function readChain(bytes: StoreBytes, version: number): readonly X509Certificate[] {
  const count = bytes.uint32();
  const chain: X509Certificate[] = [];
  for (let index = 0; index < count; index++) {
    chain.push(readCertificate(bytes, version));
  }
  return chain;
}

function readCertificate(bytes: StoreBytes, version: number): X509Certificate {
  const type = version === 1 ? "X.509" : bytes.text();
  if (type !== "X.509") {
    throw bytes.error(`has a certificate of type ${quote(type)}, not X.509`);
  }
  const der = bytes.take(bytes.uint32());
  try {
    return new X509Certificate(der);
  } catch {
    throw bytes.error("has a certificate that cannot be read");
  }
}

/** The key of an entry in PEM. */
function openKey(sealed: Buffer, alias: string, { what, password, keyPassword }: StoreAccess): string {
  const { name, value } = keyPassword.value === undefined ? password : keyPassword;
  const key = `the private key ${quote(alias)} of ${what}`;
  if (value === undefined) {
    throw new ConfigurationError(`${key} is encrypted; give ${password.name}`);
  }
  const plain = unseal(protectedData(sealed, key), passwordBytes(value));
  if (plain === undefined) {
    throw new ConfigurationError(`${name} is not the password of ${key}`);
  }
  try {
    return createPrivateKey({ key: plain, format: "der", type: "pkcs8" })
      .export({ format: "pem", type: "pkcs8" })
      .toString();
  } catch {
    // The cause may hold something of the key.
    throw new ConfigurationError(`${key} cannot be read: it is of no kind that is known here`);
  }
}

/** What Sun's algorithm made of the key. The form around it has one length only: the DER of a sequence of two. */
function protectedData(sealed: Buffer, key: string): Buffer {
  const at = sealed.indexOf(KEY_PROTECTOR);
  if (at < 0 || at > 16) {
    throw new ConfigurationError(`${key} is not encrypted as a JKS store has it; convert it: keytool -importkeystore`);
  }
  // Behind the name of the algorithm: its parameters, NULL, and an octet string up to the end.
  const rest = sealed.subarray(at + KEY_PROTECTOR.length);
  const octets = rest.subarray(0, 2).equals(Buffer.of(5, 0)) ? rest.subarray(2) : rest;
  const long = (octets[1] ?? 0) >= 0x80 ? (octets[1] ?? 0) - 0x80 : 0;
  return octets.subarray(2 + long);
}

/** Undefined for another password. */
function unseal(data: Buffer, password: Buffer): Buffer | undefined {
  const salt = data.subarray(0, DIGEST_BYTES);
  const hidden = data.subarray(DIGEST_BYTES, Math.max(DIGEST_BYTES, data.length - DIGEST_BYTES));
  const plain = Buffer.alloc(hidden.length);
  let stream = salt;
  for (let at = 0; at < hidden.length; at += DIGEST_BYTES) {
    stream = sha1(password, stream);
    for (let index = at; index < Math.min(at + DIGEST_BYTES, hidden.length); index++) {
      plain[index] = (hidden[index] ?? 0) ^ (stream[index - at] ?? 0);
    }
  }
  const isRight = data.length >= 2 * DIGEST_BYTES && sha1(password, plain).equals(data.subarray(-DIGEST_BYTES));
  return isRight ? plain : undefined;
}

/** Java's characters, the high byte first. */
function passwordBytes(password: string): Buffer {
  return Buffer.from(password, "utf16le").swap16();
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha1");
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}
