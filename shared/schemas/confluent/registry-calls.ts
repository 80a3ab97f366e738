// Registry calls
//
// Questions to a Confluent-compatible schema registry, over HTTP.
//
//   SRQ1  A question ends after at most REGISTRY_MAX_TRIES tries over all addresses, each in bounded time.
//   SRQ2  Only the registry's own word that it has no such schema is held against the record. Whatever else goes
//        wrong is an outage: a refusal too, since somebody may mend it.
//   SRQ3  No message has credentials in it.

import { AwsCallError } from "../../aws/aws-call-error.ts";
import { pauseWithFullJitter } from "../../aws/full-jitter.ts";
import { type ConnectionLimits, type HttpConnections, openConnections } from "../../aws/http-exchange.ts";
import { quote } from "../../core/bounded-text.ts";
import { SchemaRegistryError } from "../../core/decode/decode-errors.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import {
  REGISTRY_ANSWER_TIMEOUT_MS,
  REGISTRY_CONNECT_TIMEOUT_MS,
  REGISTRY_MAX_SOCKETS,
  REGISTRY_MAX_TRIES,
  REGISTRY_RETRY_BASE_MS,
  REGISTRY_RETRY_CAP_MS,
} from "../limits.ts";
import { type Patience, UnknownSchemaError } from "../unknown-schemas.ts";

export interface RegistryAccess {
  /** http or https, without a user in them; the next one is tried where one does not answer. At least one. */
  readonly urls: readonly URL[];
  /** The header `authorization`, asked for with every question. @default - none */
  readonly authorization?: () => string | Promise<string>;
  readonly tls?: NonNullable<ConnectionLimits["tls"]>;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
  /** @default - the time of the machine */
  readonly patience?: Patience;
}

/**
 * What a registry answers to a path that begins with "/", parsed; of its addresses only `at` is asked where that is given.
 * Rejects with UnknownSchemaError or SchemaRegistryError.
 */
export type AskRegistry = (path: string, at?: URL) => Promise<unknown>;

/** Somebody answered 404, and not in the words that a registry has for a schema that it lacks. */
export class UnknownPathError extends SchemaRegistryError {
  /** Which of the registry's was asked. */
  readonly address: URL;

  constructor(message: string, address: URL) {
    super(message);
    this.address = address;
  }
}

interface Address {
  readonly url: URL;
  readonly connections: HttpConnections;
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

const timeouts = { connectMs: REGISTRY_CONNECT_TIMEOUT_MS, requestMs: REGISTRY_ANSWER_TIMEOUT_MS };
/** Confluent's codes for what it does not have: a subject, a version, a schema. */
const NOT_FOUND_CODES: ReadonlySet<unknown> = new Set([40401, 40402, 40403]);

export function createRegistryCalls({ urls, authorization, tls, random = Math.random }: RegistryAccess): AskRegistry {
  const addresses = urls.map((url) => ({
    url,
    connections: openConnections(url, { timeouts, maxSockets: REGISTRY_MAX_SOCKETS, ...omitUndefined({ tls }) }),
  }));
  /** The address that answered last goes first, unless it did not know the schema: another one may. */
  let first = 0;
  return async (path, at) => {
    const only = addresses.findIndex(({ url }) => url === at);
    for (let tries = 1; ; tries += 1) {
      const index = only < 0 ? (first + tries - 1) % addresses.length : only;
      const address = addresses[index] as Address; // Within the addresses.
      try {
        const answer = await tryOnce(address, path, authorization);
        first = index;
        return answer;
      } catch (error) {
        if (error instanceof UnknownSchemaError) {
          first = (index + 1) % addresses.length;
        }
        if (tries >= REGISTRY_MAX_TRIES || !(error instanceof PassingError)) {
          throw error;
        }
      }
      const baseMs = REGISTRY_RETRY_BASE_MS;
      await pauseWithFullJitter({ baseMs, capMs: REGISTRY_RETRY_CAP_MS, pauses: tries - 1, random });
    }
  };
}

async function tryOnce(
  { url, connections }: Address,
  path: string,
  authorization: RegistryAccess["authorization"],
): Promise<unknown> {
  const target = new URL(`${url.pathname.replace(/\/$/, "")}${path}`, url);
  const what = `schema registry ${target.origin}${target.pathname}`;
  const headers = {
    accept: "application/vnd.schemaregistry.v1+json, application/json",
    ...(authorization === undefined ? {} : { authorization: await authorization() }),
  };
  let answer: Answer;
  try {
    answer = await connections.exchange({ method: "GET", url: target, headers, body: "" });
  } catch (cause) {
    if (cause instanceof AwsCallError) {
      throw new PassingError(`${what} does not answer: ${cause.name}: ${cause.message}`, { cause });
    }
    throw cause;
  }
  return resultOf(what, answer, url);
}

/** What another try may mend. */
class PassingError extends SchemaRegistryError {}

function resultOf(what: string, { statusCode, body }: Answer, address: URL): unknown {
  const parsed = parse(body);
  if (statusCode === 200 && parsed !== undefined) {
    return parsed;
  }
  const code = fieldOf(parsed, "error_code");
  if (statusCode === 404 && NOT_FOUND_CODES.has(code)) {
    throw new UnknownSchemaError(`${what} has no such schema (${String(code)})`);
  }
  const said = `${what} answered ${statusCode}${code === undefined ? "" : ` (${quote(code)})`}`;
  if (statusCode === 429 || statusCode >= 500) {
    throw new PassingError(said);
  }
  const message = `${said}; ${remedyOf(statusCode)}`;
  throw statusCode === 404 ? new UnknownPathError(message, address) : new SchemaRegistryError(message);
}

function remedyOf(statusCode: number): string {
  switch (statusCode) {
    case 401:
    case 403:
      return "check its user and password or token, and what they may read";
    case 404:
      return "it knows no such path: is it the address of a Confluent-compatible API, its path included?";
    default:
      return "expected 200 with JSON: is it the address of a Confluent-compatible API?";
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
