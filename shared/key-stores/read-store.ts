// Read store
//
// Java's key stores and PEM, always to PEM: what is trusted, or a client's key with its
// chain. As in Java 9 and later, a store of type JKS or PKCS12 may be either one.

import type { X509Certificate } from "node:crypto";
import { listNames, quote } from "../core/bounded-text.ts";
import { ConfigurationError } from "../core/errors.ts";
import { readJks } from "./jks.ts";
import { readPkcs12 } from "./pkcs12.ts";
import type { StoreAccess, StoreContent } from "./store-access.ts";
import { type StoreKind, storeKindOf } from "./store-kind.ts";

export interface StoreRequest extends StoreAccess {
  readonly content: Buffer;
  /** What the settings say that it is. @default what its first bytes say */
  readonly type: { readonly name: string; readonly value: string | undefined };
}

export interface Identity {
  /** PEM, the client's own first. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

const TYPES: readonly string[] = ["JKS", "PKCS12", "PEM"];

/** "PEM" for what its own reader takes. Throws ConfigurationError for a type that is not the file's. */
export function formatOf({ what, content, type }: StoreRequest): Exclude<StoreKind, "JCEKS"> {
  const kind = storeKindOf(content);
  const said = type.value?.toUpperCase();
  if (said !== undefined && !TYPES.includes(said)) {
    throw new ConfigurationError(`${type.name} ${quote(type.value)} is not ${TYPES.join(", ")}; convert the store`);
  }
  if (kind === "JCEKS") {
    throw new ConfigurationError(
      `${what} is a JCEKS store, which cannot be read; convert it: keytool -importkeystore -deststoretype PKCS12`,
    );
  }
  if (kind === undefined) {
    if (said === "PEM" || said === undefined) {
      return "PEM";
    }
    throw new ConfigurationError(`${what} is no ${said} store, nor one of another type that is known`);
  }
  if (said !== undefined && (said === "PEM") !== (kind === "PEM")) {
    throw new ConfigurationError(`${what} is ${kind}, and ${type.name} says ${said}: set ${type.name} to ${kind}`);
  }
  return kind;
}

/**
 * Whose certificates Java takes for trusted: those that stand by themselves, and each key's own. Throws
 * ConfigurationError.
 */
export async function readTrusted(request: StoreRequest): Promise<readonly X509Certificate[]> {
  const { keys, certificates } = await readContent(request);
  const trusted = [...certificates, ...keys.flatMap(({ chain }) => chain.slice(0, 1))];
  if (trusted.length === 0) {
    throw new ConfigurationError(`${request.what} holds no certificate`);
  }
  return trusted;
}

/** Throws ConfigurationError unless there is one key, with its chain. */
export async function readIdentity(request: StoreRequest): Promise<Identity> {
  const { what } = request;
  const { keys } = await readContent(request);
  const [key] = keys;
  if (key === undefined) {
    throw new ConfigurationError(`${what} holds no private key; is it a truststore?`);
  }
  if (keys.length > 1) {
    const names = listNames(keys.map(({ alias }) => quote(alias ?? "")));
    throw new ConfigurationError(
      `${what} holds ${keys.length} private keys (${names}), and which one is meant is not said: leave one in it`,
    );
  }
  if (key.chain.length === 0) {
    throw new ConfigurationError(`${what} holds a private key without its certificate`);
  }
  return { key: key.open(), cert: key.chain.map((certificate) => certificate.toString()).join("") };
}

async function readContent(request: StoreRequest): Promise<StoreContent> {
  if (storeKindOf(request.content) === "JKS") {
    return readJks(request.content, request);
  }
  return readPkcs12(request.content, request);
}
