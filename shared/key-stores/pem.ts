// PEM
//
// Certificates and keys as Kafka takes them in a property: any blanks may stand in
// place of the breaks of lines, text may stand around. What node:tls is handed is
// written anew, in the form that it takes.
//
//   PM1  No problem quotes anything of the text: it may be a private key.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { ConfigurationError } from "../core/errors.ts";
import { omitUndefined } from "../core/omit-undefined.ts";
import type { StorePassword } from "./store-access.ts";

/** What a text is called in a problem: a property or an option, and the file it names. */
type Named = { readonly what: string; readonly text: string };

const ENTRY = /-+BEGIN\s+([A-Z0-9\s]*?)\s*-+\s+((?:[^\r\n:-]+:[^\r\n]*[\r\n]+)*)([a-zA-Z0-9/+=\s]*?)-+END\s+\1\s*-+/g;

/** At least one, each readable. Throws ConfigurationError. */
export function readCertificates({ what, text }: Named): readonly X509Certificate[] {
  const entries = entriesOf(text, /CERTIFICATE$/);
  if (entries.length === 0) {
    throw new ConfigurationError(`${what} holds no certificate in PEM${hint(text, "CERTIFICATE")}`);
  }
  return entries.map(({ base64 }, index) => {
    try {
      return new X509Certificate(Buffer.from(base64, "base64"));
    } catch (cause) {
      throw new ConfigurationError(`certificate ${index + 1} of ${what} cannot be read`, { cause });
    }
  });
}

/** The one private key, decrypted. Throws ConfigurationError. */
export function readPrivateKey({ what, text }: Named, { name, value: password }: StorePassword): KeyObject {
  const entries = entriesOf(text, /PRIVATE KEY$/);
  const [entry] = entries;
  if (entry === undefined) {
    throw new ConfigurationError(`${what} holds no private key in PEM${hint(text, "PRIVATE KEY")}`);
  }
  if (entries.length > 1) {
    throw new ConfigurationError(`${what} holds ${entries.length} private keys; expected one`);
  }
  const isEncrypted = entry.label.startsWith("ENCRYPTED") || /ENCRYPTED/.test(entry.headers);
  if (isEncrypted !== (password !== undefined)) {
    throw new ConfigurationError(
      isEncrypted
        ? `the private key in ${what} is encrypted; give ${name}`
        : `the private key in ${what} is not encrypted; remove ${name}`,
    );
  }
  try {
    return createPrivateKey({
      key: formatEntry(entry),
      format: "pem",
      ...omitUndefined({ passphrase: password }),
    });
  } catch {
    // The cause may hold something of the key.
    throw new ConfigurationError(
      `the private key in ${what} cannot be read${isEncrypted ? `: ${name} is not its password, or it is damaged` : ""}`,
    );
  }
}

interface PemEntry {
  readonly label: string;
  /** Of a key in OpenSSL's own encryption; lines of `name: value`. */
  readonly headers: string;
  readonly base64: string;
}

function entriesOf(text: string, label: RegExp): readonly PemEntry[] {
  return [...text.matchAll(ENTRY)]
    .map(([, name = "", headers = "", body = ""]) => ({
      label: name.replace(/\s+/g, " "),
      headers,
      base64: body.replace(/\s+/g, ""),
    }))
    .filter((entry) => label.test(entry.label));
}

function formatEntry({ label, headers, base64 }: PemEntry): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [
    `-----BEGIN ${label}-----`,
    ...(headers === "" ? [] : [headers]),
    ...lines,
    `-----END ${label}-----`,
    "",
  ].join("\n");
}

function hint(text: string, label: string): string {
  return text.includes("BEGIN")
    ? `: it begins, but does not end with -----END ${label}-----; in a file of properties each line of a value but its last ends with a backslash`
    : ` (-----BEGIN ${label}-----)`;
}
