// Limits of OpenID Connect

/** One question to the token endpoint, connection included: below the ten seconds that a connection to Kafka has. */
export const TOKEN_TIMEOUT_MS = 8_000;

/** An answer: a token with many claims has a few kilobytes. */
export const MAX_TOKEN_ANSWER_BYTES = 262_144;

/** How much of a token's lifetime is used before another one is asked for; a session is renewed at 0.8 of its own. */
export const TOKEN_USE = 0.75;
