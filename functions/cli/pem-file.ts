import { readFileSync } from "node:fs";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";

/** How Java's own stores begin. */
const STORES: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: "a JKS store", bytes: [0xfe, 0xed, 0xfe, 0xed] },
  { name: "a JCEKS store", bytes: [0xce, 0xce, 0xce, 0xce] },
  // DER: a sequence whose length takes a byte or two.
  { name: "a PKCS #12 store, or another file in DER", bytes: [0x30, 0x82] },
  { name: "a PKCS #12 store, or another file in DER", bytes: [0x30, 0x81] },
  { name: "a PKCS #12 store, or another file in DER", bytes: [0x30, 0x80] },
  { name: "a PKCS #12 store, or another file in DER", bytes: [0x30, 0x83] },
];

/** The text of a file in PEM, for `setting`. Throws ConfigurationError, also for a store of Java's, with the way to PEM. */
export function readPemFile(setting: string, path: string): { readonly what: string; readonly text: string } {
  const what = `${setting} ${quote(path)}`;
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new ConfigurationError(`${what} cannot be read: ${String(cause)}`, { cause });
  }
  const store = STORES.find(({ bytes }) => content.subarray(0, bytes.length).equals(Buffer.from(bytes)));
  if (store !== undefined) {
    throw new ConfigurationError(
      `${what} is ${store.name}, not PEM; convert it: keytool -exportcert -rfc for a certificate, openssl pkcs12 -nodes for a key`,
    );
  }
  return { what, text: content.toString("utf8") };
}
