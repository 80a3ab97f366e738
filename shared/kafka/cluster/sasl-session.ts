// SASL session
//
// Authenticates a connection and knows when that has to be renewed, on the same connection (KIP-368).
// What a mechanism says is kafkajs's, or its owner's (sasl-mechanisms.ts).

import type { AuthenticationProviderArgs, Logger, Mechanism, SASLOptions } from "kafkajs";
import type { BrokerAddress } from "../connection/broker-address.ts";
import { SESSION_USE } from "../limits.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { saslAuthenticateV1 } from "../protocol/session/sasl-authenticate-v1.ts";
import { saslHandshakeV1 } from "../protocol/session/sasl-handshake-v1.ts";
import type { SessionCall } from "../protocol/session/session-call.ts";
import { AnsweredError } from "../refusals/connection-errors.ts";
import { authenticationProviderOf } from "./sasl-mechanisms.ts";

/** Errors reach the caller as exceptions; the mechanisms would log them as well. */
const silentLogger: Logger = {
  namespace: () => silentLogger,
  info: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  setLogLevel: () => undefined,
};

/** What a session asks of a broker. */
export const SASL_CALLS = [saslHandshakeV1, saslAuthenticateV1] as const;

export interface SaslUse {
  readonly address: BrokerAddress;
  readonly sasl: SASLOptions | Mechanism;
  readonly ask: <Request, Response>(call: SessionCall<Request, Response>, request: Request) => Promise<Response>;
}

export class SaslSession {
  readonly #use: SaslUse;
  /** In ms since the epoch. A clock that only counts while the environment is not frozen would be late. */
  #renewAt = Number.POSITIVE_INFINITY;
  #underWay: Promise<void> | undefined;

  constructor(use: SaslUse) {
    this.#use = use;
  }

  /** Whether the next request has to be preceded by an authentication. */
  get isOver(): boolean {
    return Date.now() >= this.#renewAt;
  }

  /** Whoever asks while one is under way waits for that one. Throws what the mechanism does, or AnsweredError. */
  authenticate(): Promise<void> {
    this.#underWay ??= this.#authenticate().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #authenticate(): Promise<void> {
    const { address, sasl, ask } = this.#use;
    const provide = authenticationProviderOf(sasl);
    const { errorCode } = await ask(saslHandshakeV1, { mechanism: sasl.mechanism.toUpperCase() });
    if (errorCode !== 0) {
      throw new AnsweredError(errorCode);
    }
    let lifetimeMs = 0;
    const saslAuthenticate: AuthenticationProviderArgs["saslAuthenticate"] = async ({ request, response }) => {
      const answer = await ask(saslAuthenticateV1, await request.encode());
      if (answer.errorCode !== 0) {
        throw new Error(answer.errorMessage || brokerError(answer.errorCode).name);
      }
      lifetimeMs = answer.sessionLifetimeMs;
      return response?.parse(await response.decode(answer.sizedBytes));
    };
    await provide({ ...address, logger: silentLogger, saslAuthenticate }).authenticate();
    this.#renewAt = lifetimeMs === 0 ? Number.POSITIVE_INFINITY : Date.now() + lifetimeMs * SESSION_USE;
  }
}
