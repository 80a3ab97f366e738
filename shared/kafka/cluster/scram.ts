// SCRAM
//
// How often a password is hashed is for the broker to say, before it has shown that it knows it.
// The hashing cannot be stopped, and takes one of the few threads by which Node.js also looks up
// names: kafkajs has a least number for it, and no greatest.

import type { Mechanism } from "kafkajs";
import { MAX_SCRAM_ITERATIONS } from "../limits.ts";

/** A mechanism of kafkajs's, with a bound to what it computes for a broker. */
export function boundedScram(provide: Mechanism["authenticationProvider"]): Mechanism["authenticationProvider"] {
  return (args) =>
    provide({
      ...args,
      saslAuthenticate: async (exchange) => {
        const message = await args.saslAuthenticate(exchange);
        requireBearable(message);
        return message;
      },
    });
}

/** A server's message as kafkajs parses it: its attributes by their letters. */
function requireBearable(message: unknown): void {
  const given = typeof message === "object" && message !== null && "i" in message ? message.i : undefined;
  const iterations = Number.parseInt(String(given), 10);
  if (iterations > MAX_SCRAM_ITERATIONS) {
    throw new Error(`the broker wants ${iterations} iterations, more than ${MAX_SCRAM_ITERATIONS}`);
  }
}
