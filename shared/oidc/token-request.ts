// Token request
//
// The grant by client credentials (RFC 6749, 4.4) as Kafka's ClientCredentialsJwtRetriever asks
// for it: the client's id and secret in the header, the scope in the form.
//
//   TQ1  No problem holds the secret, a token, or what the endpoint says beside its code.

import { quote } from "../core/bounded-text.ts";
import { ConfigurationError, RangeReadError } from "../core/errors.ts";
import { MAX_TOKEN_ANSWER_BYTES, TOKEN_TIMEOUT_MS } from "./limits.ts";

export interface TokenRequest {
  /** http or https, without a user in it. */
  readonly endpoint: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  /** Whether id and secret are encoded before they are joined, as RFC 6749 has it and not every endpoint. */
  readonly encodesCredentials: boolean;
  /** What the settings are called, for messages. */
  readonly names: { readonly endpoint: string; readonly credentials: string };
}

export interface Token {
  readonly value: string;
  /** In ms since the epoch, by its own claim or the answer; undefined where neither says. */
  readonly expiresAt: number | undefined;
}

/** Throws RangeReadError while the endpoint cannot answer, ConfigurationError where it refuses. */
export async function requestToken(request: TokenRequest, now: () => number): Promise<Token> {
  const what = `${request.names.endpoint} ${quote(`${request.endpoint.origin}${request.endpoint.pathname}`)}`;
  const { status, text } = await post(request, what);
  if (status !== 200) {
    throw refusal(status, text, { what, credentials: request.names.credentials });
  }
  const answer = readJson(text);
  const value = textIn(answer, "access_token") ?? textIn(answer, "id_token");
  if (value === undefined) {
    throw new ConfigurationError(`${what} answered without an access_token: is it the token endpoint?`);
  }
  const lifetimeSeconds = numberIn(answer, "expires_in");
  const claimed = expiryOf(value);
  return { value, expiresAt: claimed ?? (lifetimeSeconds === undefined ? undefined : now() + lifetimeSeconds * 1_000) };
}

async function post(request: TokenRequest, what: string): Promise<{ readonly status: number; readonly text: string }> {
  const { endpoint, clientId, clientSecret, scope, encodesCredentials } = request;
  const encode = encodesCredentials ? formEncode : (text: string) => text;
  const credentials = Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`, "utf8").toString("base64");
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        accept: "application/json",
        authorization: `Basic ${credentials}`,
        "cache-control": "no-cache",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        ...(scope === undefined ? {} : { scope }),
      }).toString(),
      // Credentials go where the settings say, and nowhere else.
      redirect: "manual",
      signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
    });
    return { status: response.status, text: await readBounded(response) };
  } catch (error) {
    throw new RangeReadError(`${what} gave no token: ${reasonOf(error)}`, { cause: error });
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_TOKEN_ANSWER_BYTES) {
      throw new RangeError(`its answer is longer than ${MAX_TOKEN_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** fetch says only that it failed; why stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return "it failed";
  }
  if (error.name === "TimeoutError") {
    return `no answer within ${TOKEN_TIMEOUT_MS} ms`;
  }
  const { cause } = error;
  return cause instanceof Error ? cause.message || ("code" in cause ? String(cause.code) : cause.name) : error.message;
}

function refusal(
  status: number,
  text: string,
  { what, credentials }: { readonly what: string; readonly credentials: string },
): Error {
  const code = textIn(readJson(text), "error");
  // RFC 6749, 5.2: of these signs only.
  const said = code !== undefined && /^[\w.-]{1,60}$/.test(code) ? `${status} ${code}` : String(status);
  if (status === 429 || status >= 500) {
    return new RangeReadError(`${what} gave no token: it answered ${said}`);
  }
  const remedy =
    status === 400 || status === 401 || status === 403
      ? `check ${credentials}, and sasl.oauthbearer.scope`
      : "is it the token endpoint?";
  return new ConfigurationError(`${what} refused the client: it answered ${said}; ${remedy}`);
}

/** In seconds of the epoch, in a token that says so: a JWT's second part. */
function expiryOf(token: string): number | undefined {
  const [, payload = ""] = token.split(".");
  const seconds = numberIn(readJson(Buffer.from(payload, "base64url").toString("utf8")), "exp");
  return seconds === undefined ? undefined : seconds * 1_000;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function textIn(value: unknown, name: string): string | undefined {
  const field = fieldIn(value, name);
  return typeof field === "string" && field !== "" ? field : undefined;
}

function numberIn(value: unknown, name: string): number | undefined {
  const field = fieldIn(value, name);
  return typeof field === "number" && Number.isFinite(field) && field > 0 ? field : undefined;
}

/** As java.net.URLEncoder does. */
function formEncode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}
