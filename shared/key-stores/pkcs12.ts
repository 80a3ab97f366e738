// PKCS #12
//
// What keytool and OpenSSL write today, and what they wrote when RC2 was legal, by
// node-forge: OpenSSL as Node has it reads neither old ciphers nor a store without a key.
// The library is loaded where such a store is given, and nowhere else.

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Asn1 } from "node-forge/lib/asn1.js";
import type { SafeBag } from "node-forge/lib/pkcs12.js";
import { quote } from "../core/bounded-text.ts";
import { ConfigurationError } from "../core/errors.ts";
import { chainOf } from "./certificate-chain.ts";
import { MAX_ITERATIONS } from "./limits.ts";
import { maxIterationsOf } from "./pkcs12-iterations.ts";
import type { StoreAccess, StoreContent, StoredKey } from "./store-access.ts";

type Forge = Awaited<ReturnType<typeof loadForge>>;

/** Throws ConfigurationError. */
export async function readPkcs12(content: Buffer, access: StoreAccess): Promise<StoreContent> {
  const forge = await loadForge();
  const bags = bagsOf(forge, content, access);
  const all = bags.flatMap((bag) => certificateIn(forge, bag, access.what) ?? []);
  const keys = bags.flatMap((bag) => keyIn(forge, bag, { all, access }) ?? []);
  const chained = new Set(keys.flatMap(({ chain }) => chain));
  return { keys, certificates: all.filter((certificate) => !chained.has(certificate)) };
}

async function loadForge() {
  const [asn1, pki, pkcs12] = await Promise.all([
    import("node-forge/lib/asn1.js"),
    import("node-forge/lib/pki.js"),
    import("node-forge/lib/pkcs12.js"),
  ]);
  return { asn1: asn1.default, pki: pki.default, pkcs12: pkcs12.default };
}

function bagsOf({ asn1, pkcs12 }: Forge, content: Buffer, { what, password }: StoreAccess): readonly SafeBag[] {
  let store: Asn1;
  let iterations: number;
  try {
    store = asn1.fromDer(content.toString("latin1"), { strict: false });
    iterations = maxIterationsOf(asn1, store);
  } catch {
    throw new ConfigurationError(`${what} cannot be read as a PKCS #12 store: it is damaged, or none`);
  }
  if (iterations > MAX_ITERATIONS) {
    throw new ConfigurationError(`${what} hashes its password ${iterations} times; at most ${MAX_ITERATIONS} are done`);
  }
  try {
    return pkcs12.pkcs12FromAsn1(store, false, password.value).safeContents.flatMap(({ safeBags }) => safeBags);
  } catch (error) {
    // No cause: the library's may hold something of the key.
    throw new ConfigurationError(problemOf(error, what, password));
  }
}

/** The library's errors have an `oid` for what it does not know. */
function problemOf(error: unknown, what: string, { name, value }: StoreAccess["password"]): string {
  if (error instanceof Error && "oid" in error) {
    return `${what} is a PKCS #12 store with something in it that is not known here (${quote(error.oid)}); convert it: keytool -importkeystore -deststoretype PKCS12`;
  }
  return value === undefined
    ? `${what} cannot be opened without a password; give ${name}`
    : `${name} is not the password of ${what}, or the file is damaged`;
}

function certificateIn({ asn1, pki }: Forge, bag: SafeBag, what: string): X509Certificate | undefined {
  if (bag.type !== pki.oids["certBag"]) {
    return undefined;
  }
  const parsed = bag.cert ? pki.certificateToAsn1(bag.cert) : bag.asn1;
  try {
    return new X509Certificate(derOf(asn1, parsed));
  } catch {
    throw new ConfigurationError(`${what} has a certificate that cannot be read`);
  }
}

interface Surroundings {
  /** Every certificate of the store. */
  readonly all: readonly X509Certificate[];
  readonly access: StoreAccess;
}

function keyIn({ asn1, pki }: Forge, bag: SafeBag, { all, access }: Surroundings): StoredKey | undefined {
  if (bag.type !== pki.oids["keyBag"] && bag.type !== pki.oids["pkcs8ShroudedKeyBag"]) {
    return undefined;
  }
  const { what, password, keyPassword } = access;
  const parsed = bag.key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(bag.key)) : bag.asn1;
  const alias = bag.attributes.friendlyName?.[0];
  try {
    const key = createPrivateKey({ key: derOf(asn1, parsed), format: "der", type: "pkcs8" });
    const chain = chainOf(key, all);
    const pem = key.export({ format: "pem", type: "pkcs8" }).toString();
    const open = () => {
      if (keyPassword.value !== undefined && keyPassword.value !== password.value) {
        throw new ConfigurationError(
          `${keyPassword.name} is not the password of the private key of ${what}: a PKCS #12 store has one for all, ${password.name}`,
        );
      }
      return pem;
    };
    return { alias, chain, open };
  } catch {
    throw new ConfigurationError(`the private key of ${what} cannot be read: it is of no kind that is known here`);
  }
}

function derOf(asn1: Forge["asn1"], parsed: Asn1 | undefined): Buffer {
  return Buffer.from(parsed === undefined ? "" : asn1.toDer(parsed).getBytes(), "latin1");
}
