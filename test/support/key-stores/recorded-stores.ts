// Key stores as keytool and OpenSSL wrote them, with what is in them: recorded by
// test/vectors/key-stores/record.ts.

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

interface RecordedStore {
  readonly type: "JKS" | "PKCS12";
  readonly password?: string;
  readonly keyPassword?: string;
  /** By name, the certificates that it makes trusted. */
  readonly trusted?: readonly string[];
  /** By name, whose key it holds. */
  readonly key?: string;
  readonly base64: string;
}

interface Recorded {
  /** PEM by name. */
  readonly certificates: Readonly<Record<string, string>>;
  /** PEM by name. */
  readonly keys: Readonly<Record<string, string>>;
  /** By title. */
  readonly stores: Readonly<Record<string, RecordedStore>>;
}

export const recorded: Recorded = JSON.parse(
  readFileSync(new URL("../../vectors/key-stores/stores.json", import.meta.url), "utf8"),
);

export function recordedStore(title: string): RecordedStore & { readonly content: Buffer } {
  const store = recorded.stores[title];
  if (store === undefined) {
    throw new Error(`no store ${title} is recorded`);
  }
  return { ...store, content: Buffer.from(store.base64, "base64") };
}

/** Those that hold a key, or those that make trusted. */
export function titlesOf(what: "key" | "trusted"): readonly string[] {
  return Object.entries(recorded.stores)
    .filter(([, store]) => store[what] !== undefined)
    .map(([title]) => title);
}

/** PEM of the certificates, one behind the other. */
export function pemOf(names: readonly string[]): string {
  return names.map((name) => recorded.certificates[name] ?? "").join("");
}

/** Writes a recorded store into the folder; its path. */
export async function placeStore(folder: string, title: string): Promise<string> {
  const path = join(folder, title.replaceAll(/\W+/g, "-"));
  await writeFile(path, recordedStore(title).content);
  return path;
}
