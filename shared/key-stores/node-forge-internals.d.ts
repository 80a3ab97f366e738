// What pkcs12.ts uses of node-forge 1.4.3, by the files that hold it: the whole library would
// bring a TLS stack of its own.

declare module "node-forge/lib/asn1.js" {
  export interface Asn1 {
    readonly tagClass: number;
    readonly type: number;
    readonly value: string | readonly Asn1[];
  }

  interface Asn1Functions {
    readonly Type: { readonly INTEGER: number; readonly OCTETSTRING: number; readonly SEQUENCE: number };
    readonly Class: { readonly UNIVERSAL: number };
    /** Bytes are the characters of a text. */
    fromDer(bytes: string, options: { readonly strict: boolean }): Asn1;
    toDer(value: Asn1): { getBytes(): string };
  }

  const asn1: Asn1Functions;
  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default asn1;
}

declare module "node-forge/lib/pki.js" {
  import type { Asn1 } from "node-forge/lib/asn1.js";

  const pki: {
    readonly oids: Readonly<Record<string, string>>;
    certificateToAsn1(certificate: object): Asn1;
    privateKeyToAsn1(key: object): Asn1;
    wrapRsaPrivateKey(key: Asn1): Asn1;
  };
  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default pki;
}

declare module "node-forge/lib/pkcs12.js" {
  import type { Asn1 } from "node-forge/lib/asn1.js";

  export interface SafeBag {
    readonly type: string;
    readonly attributes: { readonly friendlyName?: readonly string[] };
    /** Null, with `asn1` beside, for what is not of RSA. */
    readonly key?: object | null;
    readonly cert?: object | null;
    readonly asn1?: Asn1;
  }

  const pkcs12: {
    pkcs12FromAsn1(
      store: Asn1,
      strict: boolean,
      password: string | undefined,
    ): { readonly safeContents: readonly { readonly safeBags: readonly SafeBag[] }[] };
  };
  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default pkcs12;
}
