import type { KeyObject, X509Certificate } from "node:crypto";

/** The certificate of the key, and those that vouch for it as far as they are there; empty where it has none. */
export function chainOf(key: KeyObject, certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = certificates.find((certificate) => certificate.checkPrivateKey(key));
  while (next !== undefined && !chain.includes(next)) {
    const last = next;
    chain.push(last);
    next = certificates.find(
      (issuer) => !chain.includes(issuer) && last.checkIssued(issuer) && last.verify(issuer.publicKey),
    );
  }
  return chain;
}
