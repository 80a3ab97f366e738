import { readFileSync } from "node:fs";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";

/** The text of a file in PEM, for `setting`. Throws ConfigurationError, also for a store of Java's, with the way to PEM. */
export function readPemFile(setting: string, path: string): { readonly what: string; readonly text: string } {
  const what = `${setting} ${quote(path)}`;
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new ConfigurationError(`${what} cannot be read: ${String(cause)}`, { cause });
  }
  const store = storeKind(content);
  if (store !== undefined) {
    throw new ConfigurationError(
      `${what} is ${store}, not PEM; convert it: keytool -exportcert -rfc for a certificate, openssl pkcs12 -nodes for a key`,
    );
  }
  return { what, text: content.toString("utf8") };
}

/** By the first bytes of Java's own stores. */
function storeKind(content: Buffer): string | undefined {
  switch (content.subarray(0, 4).toString("hex")) {
    case "feedfeed":
      return "a JKS store";
    case "cececece":
      return "a JCEKS store";
    default:
      // A sequence of more than 127 bytes: no text begins so.
      return content[0] === 0x30 && (content[1] ?? 0) >= 0x80 ? "a PKCS #12 store, or another file in DER" : undefined;
  }
}
