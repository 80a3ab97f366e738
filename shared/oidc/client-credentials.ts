// Client credentials
//
// A token of OpenID Connect in place of a password, over SASL OAUTHBEARER. It is kept until
// most of its life is over, so that many connections share one, and asked for anew when a
// connection or the renewal of its session needs a younger one, or the broker refused it.

import { TOKEN_USE } from "./limits.ts";
import { requestToken, type Token, type TokenRequest } from "./token-request.ts";

export interface OidcOptions extends TokenRequest {
  /** SASL extensions that go with the token (RFC 7628), by name. */
  readonly extensions?: Readonly<Record<string, string>>;
}

export interface OidcCredentials {
  readonly mechanism: "oauthbearer";
  readonly oauthBearerProvider: () => Promise<{
    readonly value: string;
    readonly extensions?: Readonly<Record<string, string>>;
  }>;
}

interface Kept {
  readonly token: Token;
  readonly fetchedAt: number;
}

/** `now` is in ms since the epoch. The function throws RangeReadError, or ConfigurationError where the client is refused. */
export function createClientCredentials(
  options: OidcOptions,
  now: () => number = Date.now,
): (question: { readonly wereRefused: boolean }) => Promise<OidcCredentials> {
  let kept: Kept | undefined;
  let pending: Promise<Kept> | undefined;
  const fetchToken = async () => {
    const fetchedAt = now();
    return { token: await requestToken(options, now), fetchedAt };
  };
  const take = async (): Promise<string> => {
    if (kept === undefined || !isYoung(kept, now())) {
      pending ??= fetchToken().finally(() => {
        pending = undefined;
      });
      kept = await pending;
    }
    return kept.token.value;
  };
  const { extensions } = options;
  return async ({ wereRefused }) => {
    if (wereRefused) {
      kept = undefined;
    }
    // Before anything is sent: a token that is not given is not one that the broker refused.
    await take();
    return {
      mechanism: "oauthbearer",
      oauthBearerProvider: async () => ({ value: await take(), ...(extensions === undefined ? {} : { extensions }) }),
    };
  };
}

/** Of a token that says nothing about its end each use asks for another; so does a clock that went back. */
function isYoung({ token: { expiresAt }, fetchedAt }: Kept, now: number): boolean {
  return expiresAt !== undefined && now >= fetchedAt && now < fetchedAt + (expiresAt - fetchedAt) * TOKEN_USE;
}
