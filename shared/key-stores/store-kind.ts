export type StoreKind = "JKS" | "JCEKS" | "PKCS12" | "PEM";

/** By the first bytes; undefined for what is none of them. */
export function storeKindOf(content: Buffer): StoreKind | undefined {
  switch (content.subarray(0, 4).toString("hex")) {
    case "feedfeed":
      return "JKS";
    case "cececece":
      return "JCEKS";
  }
  // A sequence of more than 127 bytes, or of no told length: no text begins so.
  if (content[0] === 0x30 && (content[1] ?? 0) >= 0x80) {
    return "PKCS12";
  }
  return content.includes("-BEGIN") ? "PEM" : undefined;
}
