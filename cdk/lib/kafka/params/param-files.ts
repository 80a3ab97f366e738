// Param files
//
// Stores of keys in the project, and texts that are too long for an environment: what lies
// beside the functions' code.
//
//   FI1  No private key in clear is deployed with the code.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { quote } from "../../../../shared/core/bounded-text.ts";
import { MAX_STORE_BYTES } from "../../../../shared/key-stores/limits.ts";
import { type StoreKind, storeKindOf } from "../../../../shared/key-stores/store-kind.ts";

export interface ParamFile {
  /** From the folder of the code. */
  readonly name: string;
  readonly content: Buffer;
}

export interface StoreFile extends ParamFile {
  readonly kind: StoreKind;
}

/** A text that is longer travels as a file: Lambda takes 4 KB of variables. In bytes. */
export const MAX_INLINE_BYTES = 256;

export function textFile(text: string): ParamFile {
  const content = Buffer.from(text, "utf8");
  return { name: fileName(content, ".txt"), content };
}

/** Or what is wrong with it: the end of a sentence that begins with the setting. A relative path is taken from where the app runs. */
export function readStoreFile(path: string): StoreFile | string {
  const file = resolve(path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile()) {
    return `${quote(path)} is no file here (${quote(file, MAX_PATH_LENGTH)}); name a store of this project, or refer to one: s3://BUCKET/KEY, { bucket, key } or { secret }`;
  }
  if (found.size > MAX_STORE_BYTES) {
    return `${quote(path)} is larger than ${MAX_STORE_BYTES} bytes: is it a key store?`;
  }
  const content = readFileSync(file);
  const kind = storeKindOf(content);
  if (kind === undefined) {
    return `${quote(path)} is no store of a known type: expected JKS, PKCS12 or PEM`;
  }
  if (
    kind === "PEM" &&
    /-BEGIN\s+(?:[A-Z0-9]+\s+)?PRIVATE KEY/.test(content.toString("latin1")) &&
    !isSealed(content)
  ) {
    return `${quote(path)} holds a private key in clear, which would be deployed with the code; refer to it: { secret }, or encrypt it and refer to ssl.key.password`;
  }
  return { name: fileName(content, extname(file)), content, kind };
}

/** OpenSSL's own encryption says so in a header. */
function isSealed(content: Buffer): boolean {
  return content.includes("ENCRYPTED");
}

const MAX_PATH_LENGTH = 320;

function fileName(content: Buffer, extension: string): string {
  return `kafka-params-${createHash("sha256").update(content).digest("hex").slice(0, 16)}${extension}`;
}
