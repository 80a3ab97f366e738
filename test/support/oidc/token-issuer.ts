// Token issuer
//
// A token endpoint and the keys that its tokens are signed with (RS256), on 127.0.0.1: what a
// broker's validator and a client need of an identity provider.

import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

export interface TokenRequestSeen {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

/** What the endpoint answers in place of a token. */
interface OtherAnswer {
  readonly status: number;
  readonly body: string;
  readonly location?: string;
}

export interface TokenIssuer {
  readonly issuer: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
  readonly seen: readonly TokenRequestSeen[];
  /** Claims of the tokens that follow, in place of what they have. */
  claims: Readonly<Record<string, unknown>>;
  /** @default 3600 */
  lifetimeSeconds: number;
  /** Whether the tokens that follow are signed by a key that the issuer does not publish. */
  isForging: boolean;
  answer: OtherAnswer | undefined;
  close(): Promise<void>;
}

export interface KnownClient {
  readonly id: string;
  readonly secret: string;
}

const AUDIENCE = "kafka";

export async function startTokenIssuer(client: KnownClient): Promise<TokenIssuer> {
  const published = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyId = randomUUID();
  const jwks = { keys: [{ ...published.publicKey.export({ format: "jwk" }), kid: keyId, use: "sig", alg: "RS256" }] };
  const seen: TokenRequestSeen[] = [];
  const server = createServer((request, response) => {
    void answerOf(request).then(({ status, body, location }) => {
      response.writeHead(status, {
        "content-type": "application/json",
        ...(location === undefined ? {} : { location }),
      });
      response.end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const issuing: TokenIssuer = {
    issuer,
    tokenUrl: `${issuer}/token`,
    jwksUrl: `${issuer}/jwks`,
    seen,
    claims: {},
    lifetimeSeconds: 3_600,
    isForging: false,
    answer: undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function answerOf(request: IncomingMessage): Promise<OtherAnswer> {
    if (request.url === "/jwks") {
      return { status: 200, body: JSON.stringify(jwks) };
    }
    const { authorization } = request.headers;
    seen.push({ authorization, form: Object.fromEntries(new URLSearchParams(await text(request))) });
    if (issuing.answer !== undefined) {
      return issuing.answer;
    }
    const expected = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`;
    return authorization === expected
      ? { status: 200, body: JSON.stringify({ access_token: newToken(), token_type: "Bearer" }) }
      : { status: 401, body: JSON.stringify({ error: "invalid_client", error_description: expected }) };
  }

  function newToken(): string {
    const now = Math.floor(Date.now() / 1_000);
    const exp = now + issuing.lifetimeSeconds;
    const claims = { iss: issuer, aud: AUDIENCE, sub: client.id, iat: now, exp, jti: randomUUID(), ...issuing.claims };
    const parts = [{ alg: "RS256", typ: "JWT", kid: keyId }, claims].map((part) => base64url(JSON.stringify(part)));
    const { privateKey } = issuing.isForging ? foreign : published;
    return [...parts, base64url(sign("sha256", Buffer.from(parts.join(".")), privateKey))].join(".");
  }
  return issuing;
}

function base64url(content: string | Buffer): string {
  return Buffer.from(content).toString("base64url");
}

const OAUTH = "org.apache.kafka.common.security.oauthbearer";

/** For server.properties: the issuer's tokens and no others, by signature, issuer and audience, on this listener. */
export function issuerProperties(listener: string, { issuer, jwksUrl }: TokenIssuer): Readonly<Record<string, string>> {
  const prefix = `listener.name.${listener.toLowerCase()}`;
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: "OAUTHBEARER",
    // Kafka wants a login of the broker's own there as well, which nothing uses.
    [`${prefix}.oauthbearer.sasl.jaas.config`]: `${OAUTH}.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    [`${prefix}.oauthbearer.sasl.server.callback.handler.class`]: `${OAUTH}.OAuthBearerValidatorCallbackHandler`,
    // Kafka 4.1's default looks at neither the signature nor the audience; it is taken from the broker's own settings.
    "sasl.oauthbearer.jwt.validator.class": `${OAUTH}.BrokerJwtValidator`,
    "sasl.oauthbearer.jwks.endpoint.url": jwksUrl,
    "sasl.oauthbearer.expected.audience": AUDIENCE,
    "sasl.oauthbearer.expected.issuer": issuer,
  };
}

/** Without it a broker asks no URL for keys. */
export function issuerJvmOptions({ jwksUrl }: TokenIssuer): readonly string[] {
  return [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwksUrl}`];
}
