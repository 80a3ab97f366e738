// Confluent registry: a schema registry as options name it, checked before it is asked.

import type { ClientTls } from "../../shared/aws/http-exchange.ts";
import { quoteAddress } from "../../shared/core/bounded-text.ts";
import { SchemaRegistryError } from "../../shared/core/decode/decode-errors.ts";
import { BatchProcessorError, ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import {
  CHECKED_ELSEWHERE,
  kindOf,
  type OptionRules,
  requireOptions,
} from "../../shared/core/options/require-options.ts";
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

const RULES: OptionRules<ConfluentRegistryOptions> = {
  url: {
    expected: "http://… or https://…, or an array of them",
    takes: (value) => typeof value === "string" || Array.isArray(value),
    isRequired: true,
    isSecret: true,
  },
  basicAuth: {
    expected: "{ username, password }, two texts, the first without a colon",
    takes: isBasicAuth,
    isSecret: true,
  },
  bearerToken: {
    expected: "a text, or a function that gives one",
    takes: (value) => typeof value === "string" || typeof value === "function",
    isSecret: true,
  },
  tls: CHECKED_ELSEWHERE,
};
/** As Node.js checks them. */
const TLS_RULES: OptionRules<RegistryTlsOptions> = {
  ca: CHECKED_ELSEWHERE,
  cert: CHECKED_ELSEWHERE,
  key: CHECKED_ELSEWHERE,
  passphrase: CHECKED_ELSEWHERE,
  allowPartialTrustChain: CHECKED_ELSEWHERE,
  checkServerIdentity: CHECKED_ELSEWHERE,
  minVersion: CHECKED_ELSEWHERE,
  maxVersion: CHECKED_ELSEWHERE,
};

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
  requireOptions("confluentRegistry", options, RULES);
  const { url, basicAuth, bearerToken, tls } = options;
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
  requireOptions("the tls of confluentRegistry", tls, TLS_RULES);
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
    const basic = `Basic ${Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString("base64")}`;
    return () => basic;
  }
  if (bearerToken === undefined) {
    return undefined;
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

function isBasicAuth(value: unknown): boolean {
  const { username, password } = (value ?? {}) as Readonly<Record<string, unknown>>; // Any value's.
  return typeof username === "string" && typeof password === "string" && !username.includes(":");
}

function checkUrl(text: unknown): URL {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw wrong(
      `url is ${typeof text === "string" ? quoteAddress(text) : kindOf(text)}; expected http://… or https://…`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw wrong(`url of ${url.host} has a user in it; give basicAuth, which no message shows`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw wrong(`url of ${url.host} has ? or # in it; expected an address without them`);
  }
  return url;
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
