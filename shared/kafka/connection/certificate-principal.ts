// Certificate principal
//
// Who a broker takes the owner of a client's certificate for, where it has no rules of its
// own (ssl.principal.mapping.rules): the subject as Java's X500Principal writes it, RFC 2253.

import { X509Certificate } from "node:crypto";

/** RFC 2253, 2.3; Java writes another attribute as a number with its bytes, which nobody would recognize. */
const KEYWORDS: ReadonlySet<string> = new Set(["CN", "L", "ST", "O", "OU", "C", "STREET", "DC", "UID"]);

/** `User:CN=orders,O=Example`; undefined for what is no certificate in PEM, or has another subject than RFC 2253 knows. */
export function certificatePrincipal(pem: unknown): string | undefined {
  const subject = subjectOf(pem);
  // Node.js writes a line for each part, the most general first, and escapes as RFC 2253 does.
  const parts = subject?.split("\n").toReversed() ?? [];
  const isPlain = parts.every((part) => part.split(" + ").every((one) => KEYWORDS.has(one.slice(0, one.indexOf("=")))));
  return parts.length > 0 && isPlain ? `User:${parts.map((part) => part.replaceAll(" + ", "+")).join()}` : undefined;
}

function subjectOf(pem: unknown): string | undefined {
  const [first] = Array.isArray(pem) ? (pem as readonly unknown[]) : [pem];
  if (typeof first !== "string" && !Buffer.isBuffer(first)) {
    return undefined;
  }
  try {
    return new X509Certificate(first).subject;
  } catch {
    // The connection itself tells what is wrong with it.
    return undefined;
  }
}
