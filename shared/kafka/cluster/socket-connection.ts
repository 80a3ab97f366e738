// Socket connection
//
// Implements broker-connection.ts: opens the socket, learns what the broker speaks, authenticates, and
// carries requests and answers. What a mechanism of SASL says is in sasl-mechanisms.ts.

import type { Socket } from "node:net";
import type { Mechanism, SASLOptions } from "kafkajs";
import { ConfigurationError } from "../../core/errors.ts";
import { type BrokerAddress, formatAddress } from "../connection/broker-address.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import { FrameReceiver } from "../connection/frame-receiver.ts";
import type { ConnectOptions } from "../connection/kafka-options.ts";
import { openSocket } from "../connection/open-socket.ts";
import { type CallLimits, PendingCalls } from "../connection/pending-calls.ts";
import { hasClientCertificate, principalOf } from "../connection/principal.ts";
import type { ApiCall } from "../protocol/api-call.ts";
import { type DescribeProducersRequest, describeProducersV0 } from "../protocol/describe-producers-v0.ts";
import { type FetchRequest, fetchV13 } from "../protocol/fetch-v13.ts";
import { listOffsetsV7 } from "../protocol/list-offsets-v7.ts";
import { metadataV12 } from "../protocol/metadata-v12.ts";
import { offsetForLeaderEpochV4 } from "../protocol/offset-for-leader-epoch-v4.ts";
import { type ApiVersions, requireApis, servesApi } from "../protocol/required-apis.ts";
import { apiVersionsV2 } from "../protocol/session/api-versions-v2.ts";
import type { SessionCall } from "../protocol/session/session-call.ts";
import { WireReader } from "../protocol/wire-reader.ts";
import { ConnectionCourse } from "../refusals/connection-course.ts";
import { AnsweredError, translateRenewalError } from "../refusals/connection-errors.ts";
import type { Principal } from "../refusals/refusal-remedies.ts";
import { RequestQueue } from "./request-queue.ts";
import { SASL_CALLS, SaslSession } from "./sasl-session.ts";

/** What one connection is opened with. */
export type OpenOptions = Omit<ConnectOptions, "sasl"> & {
  readonly sasl: SASLOptions | Mechanism | undefined;
};

/** `open` is called once, and first. */
export class SocketConnection implements BrokerConnection {
  readonly address: BrokerAddress;
  readonly principal: Principal | undefined;
  throttleTimeMs = 0;
  readonly #options: OpenOptions;
  readonly #calls = new PendingCalls(() => {
    this.#queue.close();
    this.#socket?.destroy();
  });
  readonly #course: ConnectionCourse;
  readonly #queue: RequestQueue;
  readonly #session: SaslSession | undefined;
  #socket: Socket | undefined;
  #versions: ApiVersions | undefined;

  constructor(address: BrokerAddress, options: OpenOptions) {
    const { sasl, clientId } = options;
    this.address = address;
    this.#options = options;
    this.principal = principalOf(options);
    this.#course = new ConnectionCourse({
      isTls: options.ssl !== undefined,
      hasClientCertificate: hasClientCertificate(options.ssl),
      isSasl: sasl !== undefined,
      names: options.settingNames,
    });
    this.#queue = new RequestQueue(clientId, (bytes) => this.#socket?.write(bytes));
    this.#session =
      sasl === undefined
        ? undefined
        : new SaslSession({ address, sasl, ask: (call, request) => this.#askSession(call, request) });
  }

  get isUsable(): boolean {
    return !this.#calls.areClosed && this.#versions !== undefined;
  }

  async open(): Promise<void> {
    const where = formatAddress(this.address);
    const limits = {
      ...this.#limitsOf(`connecting to ${where}`, this.#options.connectTimeoutMs),
      whySilent: () => this.#course.explainSilence(),
    };
    this.#versions = await this.#calls.run(limits, async () => {
      await this.#dial();
      const { errorCode, versions, throttleTimeMs } = await this.#askSession(apiVersionsV2, undefined);
      if (errorCode !== 0) {
        throw new AnsweredError(errorCode);
      }
      this.#throttle(throttleTimeMs);
      requireApis(where, versions, this.#session === undefined ? [] : SASL_CALLS);
      await this.#session?.authenticate();
      return versions;
    });
    this.#course.opened();
  }

  async ask<Request, Response extends { readonly throttleTimeMs: number }>(
    call: ApiCall<Request, Response>,
    request: Request,
  ): Promise<Response> {
    if (!servesApi(this.#versions, call)) {
      const { name, apiVersion } = call;
      throw new ConfigurationError(`${formatAddress(this.address)} does not know ${name} v${apiVersion}`);
    }
    return this.#call(call, request, this.#options.requestTimeoutMs);
  }

  metadata = this.#caller(metadataV12);
  listOffsets = this.#caller(listOffsetsV7);
  offsetForLeaderEpoch = this.#caller(offsetForLeaderEpochV4);

  fetch = (request: FetchRequest) => this.#call(fetchV13, request, this.#options.requestTimeoutMs + request.maxWaitMs);

  describeProducers = (request: DescribeProducersRequest) => this.ask(describeProducersV0, request);

  setIdle(isIdle: boolean): void {
    if (isIdle) {
      this.#socket?.unref();
    } else {
      this.#socket?.ref();
    }
  }

  close(reason: unknown): void {
    this.#calls.close(reason);
  }

  #caller<Request, Response extends { readonly throttleTimeMs: number }>(call: ApiCall<Request, Response>) {
    return (request: Request) => this.#call(call, request, this.#options.requestTimeoutMs);
  }

  #call<Request, Response extends { readonly throttleTimeMs: number }>(
    { name, apiKey, apiVersion, encode, decode }: ApiCall<Request, Response>,
    request: Request,
    timeoutMs: number,
  ): Promise<Response> {
    const body = encode(request);
    const limits = this.#limitsOf(`${name} from ${formatAddress(this.address)}`, timeoutMs);
    return this.#calls.run(limits, async () => {
      if (this.#session?.isOver === true) {
        await this.#renew(this.#session);
      }
      const payload = await this.#queue.ask({ apiKey, apiVersion, hasTags: true, body });
      const reader = new WireReader(payload);
      reader.skipTags();
      const response = decode(payload.subarray(reader.position));
      this.#throttle(response.throttleTimeMs);
      return response;
    });
  }

  async #renew(session: SaslSession): Promise<void> {
    try {
      await session.authenticate();
    } catch (error) {
      throw translateRenewalError(error);
    }
  }

  async #askSession<Request, Response>(
    { apiKey, apiVersion, encode, decode }: SessionCall<Request, Response>,
    request: Request,
  ): Promise<Response> {
    return decode(await this.#queue.ask({ apiKey, apiVersion, hasTags: false, body: encode(request) }));
  }

  #throttle(throttleTimeMs: number): void {
    this.throttleTimeMs += Math.max(throttleTimeMs, 0);
    this.#queue.throttle(throttleTimeMs);
  }

  /** A request waits in the queue for as long as the broker throttles the connection. */
  #limitsOf(what: string, timeoutMs: number): CallLimits {
    const names = this.#options.settingNames;
    return { what, timeoutMs, names, heldBackMs: () => this.#queue.heldBackMs };
  }

  /** Resolves once TCP, and TLS where there is any, are agreed; what hinders that closes the connection. */
  #dial(): Promise<void> {
    const course = this.#course;
    const receiver = new FrameReceiver((frame) => {
      course.answered();
      this.#queue.take(frame);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    const request = { ...this.address, ssl: this.#options.ssl ?? null, onConnect: resolve };
    const where = formatAddress(this.address);
    this.#socket = openSocket(request, { where, course, receiver, close: (reason) => this.close(reason) });
    return promise;
  }
}
