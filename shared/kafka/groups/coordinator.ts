// Coordinator
//
// The broker that answers for one group or one transactional id: looked up when it is first
// needed, and again when it says that it is not the one any more.
//
//   CRD1  A step is repeated while a broker answers that it has not been taken, or may be taken twice.
//         One that got no answer is repeated only where it says so: otherwise the first one may still
//         be on its way, and take effect after what follows.

import { setTimeout as delay } from "node:timers/promises";
import { RangeReadError } from "../../core/errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { BrokerAddress } from "../connection/broker-address.ts";
import {
  COORDINATOR_RETRY_BASE_MS,
  COORDINATOR_RETRY_CAP_MS,
  COORDINATOR_STEP_MS,
  MAX_LOST_ANSWERS,
} from "../limits.ts";
import type { ApiCall } from "../protocol/api-call.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { type FindCoordinatorRequest, findCoordinatorV3 } from "../protocol/groups/find-coordinator-v3.ts";
import { reactionTo } from "./group-errors.ts";

export interface Step<Request, Response> {
  /** What is done, as the beginning of a sentence. */
  readonly what: string;
  readonly call: ApiCall<Request, Response>;
  readonly request: Request;
  /** The error codes in an answer. */
  readonly codesIn: (response: Response) => readonly number[];
  /** The error to throw for a code that no repetition cures; without a response where the coordinator is not found. */
  readonly refuse: (code: number, response?: Response) => Error;
  /** Whether it does no harm if a call without an answer arrives at some later time. @default false */
  readonly isRepeatable?: boolean;
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly throttleTimeMs: number;
}

/** Without a response where the coordinator was not found. */
type Tried<Response> =
  | { readonly response: Response; readonly code: number }
  | { readonly code: number }
  | { readonly error: RangeReadError };

export class Coordinator {
  readonly #cluster: Cluster;
  readonly #of: FindCoordinatorRequest;
  #address: BrokerAddress | undefined;

  constructor(cluster: Cluster, of: FindCoordinatorRequest) {
    this.#cluster = cluster;
    this.#of = of;
  }

  /** Throws RangeReadError when no answer is final within COORDINATOR_STEP_MS, and what the connection throws. */
  async run<Request, Response extends Answer>(step: Step<Request, Response>): Promise<Response> {
    const endsAt = performance.now() + COORDINATOR_STEP_MS;
    for (let [tries, lost] = [0, 0]; ; tries++) {
      const tried = await this.#try(step);
      lost += "error" in tried ? 1 : 0;
      const reaction = "error" in tried ? "moved" : reactionTo(tried.code);
      if ("response" in tried && reaction === "none") {
        return tried.response;
      }
      if ("code" in tried && reaction === "final") {
        throw step.refuse(tried.code, "response" in tried ? tried.response : undefined);
      }
      if (reaction === "moved") {
        this.#address = undefined;
      }
      if (performance.now() >= endsAt || lost >= MAX_LOST_ANSWERS) {
        throw unanswered(step.what, tried);
      }
      const ceiling = Math.min(COORDINATOR_RETRY_CAP_MS, COORDINATOR_RETRY_BASE_MS * 2 ** tries);
      await delay(Math.random() * ceiling);
      step.signal?.throwIfAborted();
    }
  }

  async #try<Request, Response extends Answer>(step: Step<Request, Response>): Promise<Tried<Response>> {
    try {
      return await this.#ask(step);
    } catch (error) {
      step.signal?.throwIfAborted();
      if (error instanceof RangeReadError && step.isRepeatable === true) {
        return { error };
      }
      throw error;
    }
  }

  async #ask<Request, Response extends Answer>({
    call,
    request,
    codesIn,
    signal,
  }: Step<Request, Response>): Promise<Tried<Response>> {
    if (this.#address === undefined) {
      const found = await this.#cluster.callAny(findCoordinatorV3, { request: this.#of, signal });
      if (found.errorCode !== 0) {
        return { code: found.errorCode };
      }
      const { nodeId, host, port } = found;
      const address = { nodeId, host, port };
      this.#address = address;
    }
    const response = await this.#cluster.call(this.#address, call, { request, signal });
    return { response, code: codesIn(response).find((code) => code !== 0) ?? 0 };
  }
}

function unanswered(what: string, tried: Tried<unknown>): RangeReadError {
  const why = "error" in tried ? tried.error.message : `answered by ${brokerError(tried.code).name}`;
  const cause = "error" in tried ? { cause: tried.error } : {};
  return new RangeReadError(`${what} did not succeed: ${why}`, cause);
}
