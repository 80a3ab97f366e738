// Confluent registry: a schema registry as options name it, checked before it is asked.

import type { ConnectionOptions } from "node:tls";
import { quote } from "../../shared/core/bounded-text.ts";
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
  /** As Node.js takes it: `{ ca }` for an authority of your own, `{ cert, key }` for a client's certificate. @default - Node's authorities */
  readonly tls?: Pick<ConnectionOptions, "ca" | "cert" | "key" | "passphrase">;
}

const MEMBERS: ReadonlySet<string> = new Set<keyof ConfluentRegistryOptions>([
  "url",
  "basicAuth",
  "bearerToken",
  "tls",
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

function accessOf(options: ConfluentRegistryOptions): RegistryAccess {
  const { url, basicAuth, bearerToken, tls } = options;
  const unknown = Object.keys(options).filter((name) => !MEMBERS.has(name));
  if (unknown.length > 0) {
    throw wrong(`${unknown.join(", ")} is no option; there are ${[...MEMBERS].join(", ")}`);
  }
  if (basicAuth !== undefined && bearerToken !== undefined) {
    throw wrong("basicAuth and bearerToken are given; expected one of them, since a question has one user");
  }
  const urls = (typeof url === "string" ? [url] : url).map(checkUrl);
  if (urls.length === 0) {
    throw wrong("url is an empty list; expected at least one address");
  }
  const authorization = authorizationOf(basicAuth, bearerToken);
  return { urls, ...omitUndefined({ authorization, tls }) };
}

function authorizationOf(
  basicAuth: ConfluentRegistryOptions["basicAuth"],
  bearerToken: ConfluentRegistryOptions["bearerToken"],
): RegistryAccess["authorization"] {
  if (basicAuth !== undefined) {
    const { username, password } = basicAuth;
    if (typeof username !== "string" || typeof password !== "string" || username.includes(":")) {
      throw wrong("basicAuth is not { username, password }, two texts, the first without a colon");
    }
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    return () => basic;
  }
  if (bearerToken === undefined) {
    return undefined;
  }
  return async () => {
    const token =
      typeof bearerToken === "function" ? await held("its bearerToken", async () => bearerToken()) : bearerToken;
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw wrong("bearerToken is empty, or has signs that no token has");
    }
    return `Bearer ${token}`;
  };
}

function checkUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw wrong(`url is ${quote(text)}; expected http://… or https://…`);
  }
  if (url.username !== "" || url.password !== "") {
    throw wrong(`url of ${url.host} has a user in it; give basicAuth, which no message shows`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw wrong(`url is ${quote(text)}; expected an address without ? and #`);
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

function wrong(problem: string): ConfigurationError {
  return new ConfigurationError(`confluentRegistry: ${problem}`);
}
