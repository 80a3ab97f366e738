// AWS client
//
// Signed calls of one service, repeated where that may help. It knows nothing of what is
// called: codecs are the adapters'.
//
//   AC1  A call ends after at most maxTries tries, each in bounded time.
//   AC2  What no repetition mends is not repeated: of an answer, only one of the service's own faults, a throttle, or
//        a clock that was corrected meanwhile.
//   AC3  While more calls fail than succeed, fewer are repeated, and at last none.

import { AwsCallError } from "./aws-call-error.ts";
import type { CredentialsProvider } from "./aws-credentials.ts";
import { pauseWithFullJitter } from "./full-jitter.ts";
import {
  type CallTimeouts,
  type HttpAnswer,
  type HttpBody,
  type HttpConnections,
  openConnections,
} from "./http-exchange.ts";
import { MAX_CLOCK_SKEW_MS, RETRY_BASE_MS, RETRY_CAP_MS, RETRY_QUOTA, THROTTLED_RETRY_BASE_MS } from "./limits.ts";
import { refusalOf } from "./refusal-of.ts";
import { createSigner, type Sign } from "./sign-request.ts";

/** Where a function runs, and as whom. */
export interface AwsAccess {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly endpoint: URL;
  /** How the endpoint is reached. @default - by Node's HTTP */
  readonly connect?: typeof openConnections;
}

export interface AwsClientOptions extends AwsAccess {
  /** As the service signs: `dynamodb`. */
  readonly service: string;
  readonly timeouts: CallTimeouts;
  readonly maxTries: number;
  readonly maxSockets: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

export interface AwsRequest {
  readonly method: "DELETE" | "GET" | "HEAD" | "POST" | "PUT";
  /** Encoded, from the endpoint's own; its query behind it. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpBody;
}

export interface AwsClient {
  /** Answers of status 2xx; rejects with AwsCallError. */
  call(request: AwsRequest): Promise<HttpAnswer>;
  readonly endpoint: URL;
  close(): void;
}

export function createAwsClient(options: AwsClientOptions): AwsClient {
  const { endpoint, timeouts, maxSockets, connect = openConnections } = options;
  const caller = new Caller(options, connect(endpoint, { timeouts, maxSockets }));
  return { endpoint, call: (request) => caller.call(request), close: () => caller.close() };
}

class Caller {
  readonly #options: AwsClientOptions;
  readonly #connections: HttpConnections;
  readonly #sign: Sign;
  readonly #now: () => number;
  /** What the service's clock is ahead of ours. */
  #clockOffsetMs = 0;
  #repetitionsLeft = RETRY_QUOTA;

  constructor(options: AwsClientOptions, connections: HttpConnections) {
    this.#options = options;
    this.#connections = connections;
    this.#sign = createSigner(options);
    this.#now = options.now ?? Date.now;
  }

  async call(request: AwsRequest): Promise<HttpAnswer> {
    const { maxTries } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const { answer, error } = await this.#try(request);
      if (answer !== undefined) {
        this.#repetitionsLeft = Math.min(RETRY_QUOTA, this.#repetitionsLeft + 1);
        return answer;
      }
      const reason = this.#reasonToRepeat(error);
      if (reason === undefined || tries >= maxTries || this.#repetitionsLeft <= 0) {
        throw error.failure;
      }
      this.#repetitionsLeft -= 1;
      await this.#pause(reason, tries);
    }
  }

  close(): void {
    this.#connections.close();
  }

  async #try(request: AwsRequest): Promise<Outcome> {
    const { endpoint, credentials } = this.#options;
    const { method, headers, body } = request;
    const url = new URL(joinPaths(endpoint.pathname, request.path), endpoint);
    const found = credentials();
    const clockOffsetMs = this.#clockOffsetMs;
    const signed = this.#sign(
      { method, url, headers, body },
      found instanceof Promise ? await found : found,
      new Date(this.#now() + clockOffsetMs),
    );
    try {
      const answer = await this.#connections.exchange({ method, url, headers: signed, body });
      return answer.statusCode >= 200 && answer.statusCode < 300
        ? { answer }
        : { error: { failure: refusalOf(answer), serverDate: answer.headers.date, clockOffsetMs } };
    } catch (failure) {
      if (failure instanceof AwsCallError) {
        return { error: { failure, clockOffsetMs } };
      }
      throw failure;
    }
  }

  /** Undefined where none helps. */
  #reasonToRepeat({ failure, serverDate, clockOffsetMs }: Failed): "failed" | "throttled" | undefined {
    const { statusCode, name } = failure;
    if (throttles.has(name) || statusCode === 429) {
      return "throttled";
    }
    if (statusCode === undefined || statusCode >= 500 || transientErrors.has(name)) {
      return "failed";
    }
    return clockErrors.has(name) && this.#correctClock(serverDate, clockOffsetMs) ? "failed" : undefined;
  }

  /** Whether it was off as the request was signed: another call may have corrected it since. */
  #correctClock(serverDate: string | undefined, signedOffsetMs: number): boolean {
    const ahead = Date.parse(serverDate ?? "") - this.#now();
    const isOff = Math.abs(ahead - signedOffsetMs) > MAX_CLOCK_SKEW_MS;
    if (isOff) {
      this.#clockOffsetMs = ahead;
    }
    return isOff;
  }

  #pause(reason: "failed" | "throttled", tries: number): Promise<void> {
    const { random = Math.random } = this.#options;
    const baseMs = reason === "throttled" ? THROTTLED_RETRY_BASE_MS : RETRY_BASE_MS;
    return pauseWithFullJitter({ baseMs, capMs: RETRY_CAP_MS, pauses: tries - 1, random });
  }
}

interface Failed {
  readonly failure: AwsCallError;
  readonly serverDate?: string | undefined;
  /** What the request was signed with. */
  readonly clockOffsetMs: number;
}

type Outcome =
  | { readonly answer: HttpAnswer; readonly error?: never }
  | { readonly answer?: never; readonly error: Failed };

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const throttles: ReadonlySet<string> = new Set([
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);
const transientErrors: ReadonlySet<string> = new Set(["RequestTimeout", "RequestTimeoutException"]);
const clockErrors: ReadonlySet<string> = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

/** Whether no repetition mends what the service answered: somebody has to grant, name or restore something. */
export function isFinal({ name, statusCode }: AwsCallError): boolean {
  const isAnswer = statusCode !== undefined && statusCode >= 300 && statusCode < 500 && statusCode !== 429;
  return isAnswer && !throttles.has(name) && !transientErrors.has(name) && !clockErrors.has(name);
}

function joinPaths(base: string, path: string): string {
  return `${base.replace(/\/$/, "")}${path}`;
}
