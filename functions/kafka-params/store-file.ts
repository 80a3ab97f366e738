// Store file: a store of keys in a file of this machine.

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { MAX_STORE_BYTES } from "../../shared/key-stores/limits.ts";
import { readCertificates } from "../../shared/key-stores/pem.ts";
import { formatOf } from "../../shared/key-stores/read-store.ts";
import type { ReadStore } from "./store-settings.ts";

/** Throws ConfigurationError. */
export const readStoreFile: ReadStore = (_, path, what) => {
  try {
    const { size } = statSync(path);
    if (size <= MAX_STORE_BYTES) {
      return readFileSync(path);
    }
  } catch (cause) {
    throw new ConfigurationError(
      `${what} cannot be read at ${quote(resolve(path))}: ${String(cause)}; a path is taken from the folder that this runs in`,
      { cause },
    );
  }
  throw new ConfigurationError(`${what} is larger than ${MAX_STORE_BYTES} bytes: is it a key store?`);
};

/** Those of a file in PEM, named by an option. Throws ConfigurationError. */
export function certificatesOf(option: string, path: string): string {
  const unset = { name: "ssl.truststore.password", value: undefined };
  const what = `${option} ${quote(path)}`;
  const content = readStoreFile(option, path, what);
  const type = { name: "ssl.truststore.type", value: undefined };
  const format = formatOf({ what, content, type, password: unset, keyPassword: unset });
  if (format !== "PEM") {
    throw new ConfigurationError(
      `${what} is ${format}, not PEM; give it by ssl.truststore.location in the file of --command-config`,
    );
  }
  return readCertificates({ what, text: content.toString("utf8") })
    .map((certificate) => certificate.toString())
    .join("");
}
