// Simulated S3
//
// The store of test/support/s3 behind the network: each HTTP exchange of the production client is a
// call, which may be throttled, get lost or come late. Of itself S3 gives up an upload that nobody
// completes, as a bucket's lifecycle rule does, only sooner.

import { AwsCallError } from "../../../../shared/aws/aws-call-error.ts";
import type { AwsAccess } from "../../../../shared/aws/aws-client.ts";
import type { HttpAnswer, HttpConnections, HttpRequest } from "../../../../shared/aws/http-exchange.ts";
import { localAccess } from "../../../support/aws-access.ts";
import { ObjectStore, refusal, type StoreAnswer, type StoreRequest } from "../../../support/s3/object-store.ts";
import type { Network } from "../../world/network.ts";
import type { Actor, World } from "../../world/world.ts";

/** Of the uploads that are begun, those that S3 gives up, and after how long in the mean. */
const GIVEN_UP = 0.1;
const GIVE_UP_MS = 30_000;

export class SimulatedS3 {
  readonly #world: World;
  readonly #network: Network;
  readonly store: ObjectStore;
  #isCalm = false;

  constructor(world: World, network: Network) {
    this.#world = world;
    this.#network = network;
    this.store = new ObjectStore({ now: () => world.now });
  }

  accessOf(actor: Actor): AwsAccess {
    return {
      ...localAccess("http://store.simulated"),
      connect: (_, { timeouts }) => this.#connections(actor, timeouts.requestMs),
    };
  }

  /** Gives up no upload any more. */
  heal(): void {
    this.#isCalm = true;
  }

  #connections(actor: Actor, timeoutMs: number): HttpConnections {
    return {
      exchange: ({ method, url, headers, body }: HttpRequest) => {
        // As it is sent: the memory that it lies in is used again.
        const sent = typeof body === "string" ? Buffer.from(body) : Buffer.concat(body);
        const key = decodeURIComponent(url.pathname.replace(/^\/[^/]*\//, ""));
        const request = { method, key, query: url.searchParams, headers, body: sent };
        return this.#network.call(actor, {
          what: describe(request),
          timeoutMs,
          apply: () => answerOf(this.#answer(request)),
          timeOut: () => new AwsCallError("no answer", { name: "TimeoutError" }),
        });
      },
      close: () => {},
    };
  }

  #answer(request: StoreRequest): StoreAnswer {
    const isThrottled = this.#world.chance(this.#network.rates.throttle);
    if (isThrottled && (!isCompletion(request) || this.#world.chance(0.3))) {
      return refusal(503, "SlowDown");
    }
    if (isThrottled && this.#world.chance(0.3)) {
      return refusal(409, "ConditionalRequestConflict");
    }
    // Its answer has begun when it fails, maybe after it was done.
    if (isThrottled && this.#world.chance(0.5)) {
      return failedLate();
    }
    const before = this.store.uploads.size;
    const answer = this.store.answer(request);
    this.#world.trace.count(`s3 ${request.method} ${answer.status}`);
    if (this.store.uploads.size > before) {
      this.#mayGiveUp();
    }
    return isThrottled ? failedLate() : answer;
  }

  #mayGiveUp(): void {
    const newest = [...this.store.uploads.keys()].at(-1);
    if (newest === undefined || this.#isCalm || !this.#world.chance(GIVEN_UP)) {
      return;
    }
    this.#world.after(this.#world.interval(GIVE_UP_MS), () => {
      if (!this.#isCalm && this.store.uploads.delete(newest)) {
        this.#world.trace.count("s3 upload given up");
        this.#world.log("s3", `gives up ${newest.slice(0, 12)}`);
      }
    });
  }
}

function isCompletion({ method, query }: StoreRequest): boolean {
  return method === "POST" && query.has("uploadId");
}

function failedLate(): StoreAnswer {
  return { status: 200, body: "<Error><Code>InternalError</Code><Message>it failed after all</Message></Error>" };
}

function answerOf({ status, headers = {}, body = "" }: StoreAnswer): HttpAnswer {
  const bytes = Buffer.from(body);
  const told = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));
  return { statusCode: status, headers: told, body: bytes.toString(), bytes };
}

/** `POST archive/… upload-3 uploadId`, as far as it tells one request from another. */
function describe({ method, key, query }: StoreRequest): string {
  const upload = query.get("uploadId")?.replace(/-x+$/, "") ?? "";
  const names = [...query.keys()].filter((name) => name !== "uploadId").join();
  return `${method} ${key} ${upload} ${names}`.trimEnd();
}
