import type { X509Certificate } from "node:crypto";

export interface StorePassword {
  /** The setting's name, for messages. */
  readonly name: string;
  readonly value: string | undefined;
}

/** How a store is opened, and what it is called in a problem. */
export interface StoreAccess {
  /** A setting and the file that it names, or the setting alone. */
  readonly what: string;
  readonly password: StorePassword;
  /** Of a key within it; the store's own where it has none. */
  readonly keyPassword: StorePassword;
}

export interface StoredKey {
  /** As the store calls it; it need not have a name. */
  readonly alias: string | undefined;
  /** In PEM, PKCS #8. Throws ConfigurationError for a wrong password. */
  readonly open: () => string;
  /** Its own first. */
  readonly chain: readonly X509Certificate[];
}

/** What a store holds, whatever its format. */
export interface StoreContent {
  readonly keys: readonly StoredKey[];
  /** Those that belong to no key. */
  readonly certificates: readonly X509Certificate[];
}
