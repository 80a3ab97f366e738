// Confluent registry: a schema registry as options name it, checked before it is asked.

import type { ClientTls } from "../../shared/aws/http-exchange.ts";
import { quote, quoteAddress } from "../../shared/core/bounded-text.ts";
import { SchemaRegistryError } from "../../shared/core/decode/decode-errors.ts";
import { BatchProcessorError, ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { readConfluentFrame } from "../../shared/schemas/confluent/confluent-frame.ts";
import { createConfluentRegistry } from "../../shared/schemas/confluent/confluent-registry.ts";
import type { RegistryAccess } from "../../shared/schemas/confluent/registry-calls.ts";
import type { SchemaRegistry } from "../../shared/schemas/schema-registry.ts";

/** Where a schema registry is, and who asks it. */
export interface ConfluentRegistryOptions {
  /**
   * Of its API, with its path: `https://registry.example`, or of Apicurio `http://registry:8080/apis/ccompat/v7`. Of
   * several, the next one is asked where one does not answer.
   */
  readonly url: string | readonly string[];
  /** As Confluent Cloud's API key and secret. @default - none */
  readonly basicAuth?: { readonly username: string; readonly password: string };
  /** A token, or what gives one for each question. @default - none */
  readonly bearerToken?: string | (() => string | Promise<string>);
  /**
   * As Node.js takes it: `{ ca }` for an authority of your own, `{ cert, key }` for a client's certificate; or what
   * `registryTls` makes of key stores. @default - Node's authorities
   */
  readonly tls?: RegistryTlsOptions;
}

/** TLS of a registry's client, as Node.js takes it. */
export type RegistryTlsOptions = ClientTls;

const MEMBERS: ReadonlySet<string> = new Set<keyof ConfluentRegistryOptions>([
  "url",
  "basicAuth",
  "bearerToken",
  "tls",
]);
const TLS_MEMBERS: ReadonlySet<string> = new Set<keyof NonNullable<ConfluentRegistryOptions["tls"]>>([
  "ca",
  "cert",
  "key",
  "passphrase",
  "allowPartialTrustChain",
  "checkServerIdentity",
  "minVersion",
  "maxVersion",
]);

/**
 * Confluent's schema registry, or one with its API: Apicurio, Karapace, Redpanda. Options that are read of the environment
 * or of a secret are given by a function, which is called when the first schema is needed, and again where it failed. Throws
 * ConfigurationError that names the option.
 */
export function confluentRegistry(
  options: ConfluentRegistryOptions | (() => ConfluentRegistryOptions | Promise<ConfluentRegistryOptions>),
): SchemaRegistry {
  if (typeof options !== "function") {
    return createConfluentRegistry(accessOf(options));
  }
  let opened: SchemaRegistry | undefined;
  return {
    unframe: readConfluentFrame,
    async fetchSchema(id) {
      if (opened === undefined) {
        const access = accessOf(await held("its options", async () => options()));
        // Whoever was first has it, so that its schemas are asked for once.
        opened ??= createConfluentRegistry(access);
      }
      return opened.fetchSchema(id);
    },
  };
}

/** Of whatever code without types, a variable or a secret gives. No value is shown that may be a secret's. */
function accessOf(options: ConfluentRegistryOptions): RegistryAccess {
  if (typeof options !== "object" || options === null) {
    throw wrong(`its options are ${kindOf(options)}; expected an object, as { url: "https://…" }`);
  }
  const { url, basicAuth, bearerToken, tls } = options;
  const unknown = Object.keys(options).filter((name) => !MEMBERS.has(name));
  if (unknown.length > 0) {
    throw wrong(`${unknown.join(", ")} is no option; there are ${[...MEMBERS].join(", ")}`);
  }
  if (basicAuth !== undefined && bearerToken !== undefined) {
    throw wrong("basicAuth and bearerToken are given; expected one of them, since a question has one user");
  }
  const given = Array.isArray(url) ? (url as readonly unknown[]) : [url];
  // A password with a comma in it, in a list that was a text, is in two of them: the later one shows what it is.
  given
    .filter((one) => typeof one === "string" && one.includes("@"))
    .toReversed()
    .forEach(checkUrl);
  const urls = given.map(checkUrl);
  if (urls.length === 0) {
    throw wrong("url is an empty list; expected at least one address");
  }
  if (tls !== undefined) {
    checkTls(tls);
  }
  const authorization = authorizationOf(basicAuth, bearerToken);
  return { urls, ...omitUndefined({ authorization, tls }) };
}

/** Now, rather than with the first connection. */
function checkTls(tls: NonNullable<ConfluentRegistryOptions["tls"]>): void {
  if (typeof tls !== "object" || tls === null) {
    throw wrong(`tls is not { ${[...TLS_MEMBERS].join(", ")} }, some of them`);
  }
  const unknown = Object.keys(tls).find((name) => !TLS_MEMBERS.has(name));
  if (unknown !== undefined) {
    throw wrong(`tls.${unknown} is no option; there are ${[...TLS_MEMBERS].join(", ")}`);
  }
  try {
    process.getBuiltinModule("node:tls").createSecureContext(tls);
  } catch (cause) {
    throw wrong(`tls cannot be used: ${(cause as Error).message}; expected PEM`, cause); // Node.js throws errors only.
  }
}

function authorizationOf(
  basicAuth: ConfluentRegistryOptions["basicAuth"],
  bearerToken: ConfluentRegistryOptions["bearerToken"],
): RegistryAccess["authorization"] {
  if (basicAuth !== undefined) {
    const { username, password } = (basicAuth ?? {}) as Readonly<Record<string, unknown>>; // Any value's.
    if (typeof username !== "string" || typeof password !== "string" || username.includes(":")) {
      throw wrong("basicAuth is not { username, password }, two texts, the first without a colon");
    }
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    return () => basic;
  }
  if (bearerToken === undefined) {
    return undefined;
  }
  if (typeof bearerToken !== "string" && typeof bearerToken !== "function") {
    throw wrong(`bearerToken is ${kindOf(bearerToken)}; expected a text, or a function that gives one`);
  }
  return async () => {
    const token: unknown =
      typeof bearerToken === "function" ? await held("its bearerToken", async () => bearerToken()) : bearerToken;
    if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
      throw wrong("bearerToken is empty, or has signs that no token has");
    }
    return `Bearer ${token}`;
  };
}

function checkUrl(text: unknown): URL {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    const shown = typeof text === "string" ? quoteAddress(text) : typeof text === "object" ? kindOf(text) : quote(text);
    throw wrong(`url is ${shown}; expected http://… or https://…`);
  }
  if (url.username !== "" || url.password !== "") {
    throw wrong(`url of ${url.host} has a user in it; give basicAuth, which no message shows`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw wrong(`url of ${url.host} has ? or # in it; expected an address without them`);
  }
  return url;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) {
    return value === undefined ? "missing" : "null";
  }
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

/** What is asked for elsewhere and does not come is an outage, and no record's fault. */
async function held<T>(what: string, find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (cause) {
    if (cause instanceof BatchProcessorError) {
      throw cause;
    }
    throw new SchemaRegistryError(`confluentRegistry: ${what} cannot be had: ${String(cause)}`, { cause });
  }
}

function wrong(problem: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`confluentRegistry: ${problem}`, cause === undefined ? {} : { cause });
}
