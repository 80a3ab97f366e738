// OAUTHBEARER
//
// A broker may refuse a token in two steps: by a challenge that says why and carries no
// error code, and by SASL_AUTHENTICATION_FAILED once the client has answered it (RFC 7628,
// 3.2.2 and 3.2.3). kafkajs reads no challenge: it takes the first step for the end of the
// authentication, and the broker the next request for a breach of it.

import type { AuthenticationProviderArgs, Mechanism, SASLOptions } from "kafkajs";
import oauthBearer from "kafkajs/src/broker/saslAuthenticator/oauthBearer.js";

/** The client's answer to a challenge: its size and the one byte that the mechanism has for it. */
const ANSWER = Buffer.of(0, 0, 0, 1, 0x01);

/** In front of a challenge. */
const SIZE_BYTES = 4;

type TokenOptions = Extract<SASLOptions, { readonly mechanism: "oauthbearer" }>;

/** kafkajs' own OAUTHBEARER, with which a broker's challenge is answered and what it says then is thrown. */
export function oauthBearerMechanism(options: TokenOptions): Mechanism {
  const provide = oauthBearer(options);
  return {
    mechanism: options.mechanism,
    authenticationProvider: (args) => provide({ ...args, saslAuthenticate: answering(args.saslAuthenticate) }),
  };
}

type Authenticate = AuthenticationProviderArgs["saslAuthenticate"];

function answering(saslAuthenticate: Authenticate): Authenticate {
  const challenge = {
    decode: (sized: Buffer) => sized.subarray(SIZE_BYTES),
    parse: (bytes: Buffer) => bytes,
  };
  return async ({ request }) => {
    const challenged = await saslAuthenticate({ request, response: challenge });
    if (challenged === undefined || challenged.length === 0) {
      return;
    }
    await saslAuthenticate({ request: { encode: () => ANSWER } });
    throw new Error(`the broker answered by a challenge: ${String(challenged)}`);
  };
}
